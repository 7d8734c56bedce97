using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Conformance.CounterServer;
using Conformance.Engine;
using Conformance.Engine.Imports;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Engine.Trying;
using Conformance.Engine.Updating;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance try FILE</c>: where runtimes part on any module, without a manifest.</summary>
internal static class TryCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var file = new Argument<string>("file") { Description = "Any .wasm, compressed or not, or .wat; no manifest is needed." };
        var args = new Argument<string[]>("args") { Description = "The guest's arguments, after --." };
        var invoke = new Option<string?>("--invoke")
        {
            Description = "The exported function to call, if not _start or the only one; it has no parameters.",
            HelpName = "NAME",
        };
        var env = new Option<string[]>("--env") { Description = "A variable of the guest's environment; may be repeated.", HelpName = "NAME=VALUE" };
        var dir = new Option<string[]>("--dir")
        {
            Description = "A folder of which the guest gets a copy, which it may change unless ':ro' follows; may be repeated.",
            HelpName = "HOST::GUEST[:ro]",
        };
        var stub = new Option<bool>("--stub")
        {
            Description = "Give it the functions that it imports of others than WASI: they do nothing, give zero, and their calls are compared.",
        };
        var stdin = new Option<string?>("--stdin") { Description = "What the guest reads on stdin; nothing where it is not said.", HelpName = "FILE" };
        var reference = new Option<string?>("--reference") { Description = "The runtime that is right: the others are held against it.", HelpName = "RUNTIME" };
        var repeat = new Option<int>("--repeat")
        {
            Description = "Do it so often on each runtime; one that changes its mind is flaky.",
            DefaultValueFactory = _ => 1,
        };
        RunSettings.Between(repeat, 1, 1000);
        var format = new Option<string>("--format")
        {
            Description = string.Join(", ", TriedView.Formats),
            DefaultValueFactory = _ => TriedView.Formats[0],
        };
        format.AcceptOnlyFromAmong([.. TriedView.Formats]);
        var save = new Option<string?>("--save")
        {
            Description = "Keep it as a module with a manifest, in a new folder of this one, with what was seen as what is expected.",
            HelpName = "DIR",
        };
        var command = new Command("try", "Run any module on every runtime that is here, and say where they part.") { file,
            args, invoke, env, dir, stdin, stub, reference, repeat, format, save };
        settings.AddRuntimeFilter(command);
        settings.AddTimeLimit(command);
        settings.AddFolders(command);
        settings.AddAll(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            var all = RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, installation));
            var runtimes = settings.Runtimes(parsed, all);
            if (parsed.GetValue(reference) is { } right && runtimes.All(runtime => runtime.Id != right))
                throw new CommandException(ExitCode.WrongUsage, $"--reference {right}: it is not among the runtimes that are tried");
            var input = await ModuleInput.ReadAsync(parsed.GetRequiredValue(file), cancellation, damaged: true);
            var tried = new TriedModule(input, new TryRequest
            {
                Invoke = parsed.GetValue(invoke),
                Args = [.. parsed.GetValue(args) ?? []],
                Env = Environment(parsed.GetValue(env) ?? []),
                Preopens = [.. (parsed.GetValue(dir) ?? []).Select(Folder)],
                Stub = parsed.GetValue(stub),
                Stdin = parsed.GetValue(stdin) is { } path ? Input(path) : null,
            });
            await using var workers = new WorkerPool();
            var options = settings.Options(parsed) with { Repeat = parsed.GetValue(repeat), Workers = workers };
            workers.Begin(runtimes, options);
            await using var server = await CounterServers.StartAsync(
                new ServerChoice("embedded", ServerVariant.Correct, 0, RequireContainer: false, installation.Root), cancellation);
            var report = await RunAsync(tried.WriteTo(SessionFolder.Create("try").FullName));
            var view = new TriedView(parsed.GetRequiredValue(file), tried.Words, report, parsed.GetValue(reference));
            view.Write(parsed.GetRequiredValue(format), settings.All(parsed));
            if (parsed.GetValue(save) is { } folder) await KeepAsync(folder);
            return (int)view.Exit;

            Task<Report> RunAsync(ModuleManifest module) =>
                new MatrixRun(Plan.Make([module], runtimes, CellFilter.Everything), server, options).RunAsync(cancellation);

            async Task KeepAsync(string kept)
            {
                try
                {
                    // What most did is expected of all, and what others did is declared by what a run of it shows.
                    var module = ModuleManifestReader.Read(tried.Keep(kept, view.Most
                        ?? throw new CommandException(ExitCode.Environment, "--save: no runtime ran it, so there is nothing to expect")));
                    var again = await RunAsync(module);
                    foreach (var update in ExpectationUpdate.Create(Plan.Make([module], runtimes, CellFilter.Everything),
                        all, again.Header, again.Cells, again.Footer!.Agreements, Grounds.Tried))
                    {
                        WholeFile.Write(update.Path, System.Text.Encoding.UTF8.GetBytes(update.After));
                        foreach (var left in update.Left) Console.Error.WriteLine($"conformance: not expected: {left}");
                    }

                    Console.Error.WriteLine($"kept: {module.ManifestPath}; {installation.Command} run --modules-dir {kept} runs it");
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new CommandException(ExitCode.WrongUsage, $"--save {kept}: it can't be kept there: {e.Message}", e);
                }
            }
        });
        return command;
    }

    private static ImmutableSortedDictionary<string, string> Environment(string[] given)
    {
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var variable in given)
        {
            if (variable.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at))
                throw new CommandException(ExitCode.WrongUsage, $"--env {variable}: it must be NAME=VALUE");
            variables[variable[..at]] = variable[(at + 1)..];
        }

        return variables.ToImmutable();
    }

    /// <summary><c>HOST::GUEST</c>, or <c>HOST</c> for both, and <c>:ro</c> after either.</summary>
    private static Preopen Folder(string given)
    {
        const string ReadOnly = ":ro", Between = "::";
        var isReadOnly = given.EndsWith(ReadOnly, StringComparison.Ordinal);
        var text = isReadOnly ? given[..^ReadOnly.Length] : given;
        var at = text.LastIndexOf(Between, StringComparison.Ordinal);
        var (host, guest) = at < 0 ? (text, text) : (text[..at], text[(at + Between.Length)..]);
        var folder = host.Length == 0 ? null : Path.GetFullPath(host);
        if (guest.Length == 0 || !Directory.Exists(folder))
            throw new CommandException(ExitCode.WrongUsage, $"--dir {given}: it must be HOST::GUEST, where HOST is a folder that is there");
        return FolderCopy.Obstacle(folder) is { } obstacle
            ? throw new CommandException(ExitCode.WrongUsage, $"--dir {given}: it can't be copied for each runtime: {obstacle}")
            : new Preopen(guest, folder, isReadOnly);
    }

    private static ImmutableArray<byte> Input(string path)
    {
        try
        {
            return OrdinaryFile.Obstacle(path, OrdinaryFile.MostStdinBytes) is { } obstacle
                ? throw new CommandException(ExitCode.WrongUsage, $"--stdin {path}: it {obstacle}") : [.. File.ReadAllBytes(path)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.WrongUsage, $"--stdin {path}: {e.Message}", e);
        }
    }
}
