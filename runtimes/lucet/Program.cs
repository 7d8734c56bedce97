using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Lucet;

return await WorkerHost.RunAsync(new LucetWorker());
