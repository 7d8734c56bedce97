using Conformance.Runtimes.Browser;
using Conformance.Runtimes.Hosting;

return await WorkerHost.RunAsync(new BrowserWorker());
