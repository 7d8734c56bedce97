using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Command;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

return await WorkerHost.RunAsync(CommandSession.StartAsync);

/// <summary>Any runtime that is a command, as its manifest describes it.</summary>
internal sealed class CommandSession(RuntimeCommand command, Composition composition) : IRuntimeSession
{
    private readonly ImportProbes _probes = new(command);

    public InitializeResult Identity { get; } = new(command.Version,
        command.Description.Engine, [command.Library], [WorkerFeatures.Composed], command.Places);

    public static Task<IRuntimeSession> StartAsync(InitializeParams request)
    {
        var manifest = RuntimeManifestReader.Read(request.Manifest);
        var command = RuntimeCommand.Find(manifest, request);
        if (Composition.Missing() is var (reason, remedy))
        {
            command.Dispose();
            throw new RuntimeUnavailableException(reason, remedy);
        }

        return Task.FromResult<IRuntimeSession>(
            new CommandSession(command, new Composition(Path.Combine(request.CacheFolder ?? command.Folder, "composed"))));
    }

    public Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        var composed = HostImports.Fulfilled(module, request.Imports, HostFunctions.IsNumber).ToDictionary(host => host.Import);
        var verdicts = ImportVerdicts.Ask(module, composed, request.Imports, request.Definitions, _probes);
        var answers = HostImports.Answers(module, request,
            HostFunctions.IsNumber, import => verdicts[import].Code is null or OutcomeCodes.Unchecked ? import.Type : null)
            .Zip(module.Imports, (answer, import) =>
                composed.ContainsKey(import) ? answer with { Note = ImportVerdicts.Note }
                : answer.Provider == Provider.Missing && verdicts[import].Code is OutcomeCodes.IncompatibleType
                    or OutcomeCodes.IncompatibleKind ? answer with { Provider = Provider.Mismatch, Text = verdicts[import].Text }
                : answer);
        return new ResolveResult([.. answers], null,
            request.Probes is null ? null : [.. module.Imports.Distinct().Select(import => verdicts[import])]);
    });

    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached) =>
        Task.FromResult(new CommandCell(request, command, _probes, composition, reached).Run());

    public ValueTask DisposeAsync()
    {
        command.Dispose();
        return ValueTask.CompletedTask;
    }
}
