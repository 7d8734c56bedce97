using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Wasmtime;

return await WorkerHost.RunAsync(new WasmtimeWorker());
