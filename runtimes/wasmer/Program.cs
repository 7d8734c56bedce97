using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Wasmer;

return await WorkerHost.RunAsync(new WasmerWorker());
