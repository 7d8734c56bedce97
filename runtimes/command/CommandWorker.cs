using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>Any runtime that is a command, as its manifest describes it.</summary>
internal sealed class CommandWorker : IRuntimeWorker
{
    private RuntimeCommand? _command;
    private Composition? _composition;

    public Task<InitializeResult> InitializeAsync(InitializeParams request)
    {
        var manifest = RuntimeManifestReader.Read(request.Manifest);
        _command = RuntimeCommand.Find(manifest, request);
        if (Composition.Missing() is var (reason, remedy))
        {
            _command.Dispose();
            throw new RuntimeUnavailableException(reason, remedy);
        }

        _composition = new Composition(Path.Combine(request.CacheFolder ?? _command.Folder, "composed"));
        return Task.FromResult(new InitializeResult(_command.Version, _command.Description.Engine, [_command.Library], [WorkerFeatures.Composed], _command.Places));
    }

    public Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        var composed = HostImports.Of(module, request.Imports, HostFunctions.IsNumber).DistinctBy(host => host.Import).ToDictionary(host => host.Import);
        var verdicts = ImportVerdicts.Of(module, composed, request.Imports, request.Definitions, _command!);
        var answers = HostImports.Answers(module, request, HostFunctions.IsNumber, import => verdicts[import].Code is null or OutcomeCodes.Unchecked ? import.Type : null)
            .Zip(module.Imports, (answer, import) =>
                composed.ContainsKey(import) ? answer with { Note = ImportVerdicts.Note }
                : answer.Provider == Provider.Missing && verdicts[import].Code is OutcomeCodes.IncompatibleType or OutcomeCodes.IncompatibleKind ? answer with { Provider = Provider.Mismatch, Text = verdicts[import].Text }
                : answer);
        return new ResolveResult([.. answers], null, request.Probes is null ? null : [.. module.Imports.Distinct().Select(import => verdicts[import])]);
    });

    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached) => Task.FromResult(new CommandCell(request, _command!, _composition!, reached).Run());

    public ValueTask DisposeAsync()
    {
        _command?.Dispose();
        return ValueTask.CompletedTask;
    }
}
