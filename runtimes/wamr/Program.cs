using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Wamr;

return await WorkerHost.RunAsync(new WamrWorker());
