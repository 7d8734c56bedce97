using Conformance.Runtimes.Command;
using Conformance.Runtimes.Hosting;

return await WorkerHost.RunAsync(new CommandWorker());
