using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Conformance.CounterServer;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Counters;
using Conformance.Model.Runtimes;

namespace Conformance.Cli.Commands;

/// <summary>The options that commands which plan or run cells have in common.</summary>
internal sealed class RunSettings
{
    private readonly Option<string[]> _modules = new("--module", "-m") { Description = "Modules to run, by glob; may be repeated." };
    private readonly Option<string[]> _runtimes = new("--runtime", "-r") { Description = "Runtimes to run, by glob; may be repeated." };
    private readonly Option<string[]> _scenarios = new("--scenario", "-s") { Description = "Scenarios to run, by glob; may be repeated." };
    private readonly Option<string?> _modulesFolder =
        new("--modules-dir") { Description = "Where modules/<id>/module.toml are, if not in this installation." };
    private readonly Option<string?> _runtimesFolder =
        new("--runtimes-dir") { Description = "Where runtimes/<id>/runtime.toml are, if not in this installation." };
    private readonly Option<string> _server =
        new("--server")
        {
            Description = "Where the counter server is: auto, container, embedded, or the URL of a running one.",
            DefaultValueFactory = _ => "auto"
        };
    private readonly Option<string> _variant = new("--server-variant")
    {
        Description = "Whose server to be: correct or article-2022.",
        DefaultValueFactory = _ => "correct"
    };
    private readonly Option<int> _port = new("--port") { Description = "The counter server's port on 127.0.0.1; 0 takes a free one." };
    private readonly Option<bool> _all = new(
        "--all")
    {
        Description =
        "Show everything in its long form: each cell as it ends, why each runtime is unavailable and what to do."
    };
    private readonly Option<bool> _noInstall = new(
        "--no-install")
    {
        Description =
        "Fetch nothing: a runtime that is not here is unavailable (as CONFORMANCE_OFFLINE=1 says for all commands)."
    };
    private readonly Option<double> _timeLimit = new(
        "--time-limit")
    {
        Description =
        "Seconds of processor time a guest may use, where its scenario says nothing; one that waits has three times as long. Getting it ready may take a minute besides.",
        DefaultValueFactory = _ => 10
    };

    public RunSettings()
    {
        _variant.AcceptOnlyFromAmong([.. ServerVariants.ByName.Keys]);
        _timeLimit.Validators.Add(Positive);
        Between(_port, 0, 65535);
    }

    /// <summary>Refuses numbers out of a range.</summary>
    public static void Between(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            result.AddError($"{option.Name} must be between {least} and {most}");
    });

    public void AddRuntimeFilter(Command command) => command.Add(_runtimes);

    public void AddFilters(Command command)
    {
        command.Add(_modules);
        AddRuntimeFilter(command);
        command.Add(_scenarios);
    }

    public void AddFolders(Command command)
    {
        command.Add(_modulesFolder);
        command.Add(_runtimesFolder);
    }

    public void AddServer(Command command)
    {
        command.Add(_server);
        command.Add(_variant);
        command.Add(_port);
    }

    public void AddAll(Command command) => command.Add(_all);

    /// <summary>Whether everything is shown in its long form.</summary>
    public bool All(ParseResult parsed) => parsed.GetValue(_all);

    public void AddNoInstall(Command command) => command.Add(_noInstall);

    /// <summary>Whether releases of runtimes that are not here may be fetched.</summary>
    public bool Installs(ParseResult parsed) => !parsed.GetValue(_noInstall) && !Networking.IsOffline;

    public void AddTimeLimit(Command command) => command.Add(_timeLimit);

    /// <param name="parsed">The command line.</param>
    /// <param name="installation">Where guests and runtimes are, where it does not say.</param>
    /// <param name="filter">Null: the command line's.</param>
    /// <param name="begin">See <see cref="Engine.Planning.Plan.Load"/>.</param>
    public Plan Plan(ParseResult parsed, Installation installation,
        CellFilter? filter = null, Action<ImmutableArray<RuntimeManifest>>? begin = null) => Engine.Planning.Plan.Load(
        ModulesFolder(parsed, installation),
        RuntimesFolder(parsed, installation),
        filter ?? new CellFilter(Globs(parsed, _modules), Globs(parsed, _runtimes), Globs(parsed, _scenarios)), begin);

    /// <exception cref="ConformanceException">A glob matches no runtime.</exception>
    public ImmutableArray<RuntimeManifest> Runtimes(ParseResult parsed, ImmutableArray<RuntimeManifest> all) =>
        Engine.Planning.Plan.ChooseRuntimes(all, Globs(parsed, _runtimes));

    public string ModulesFolder(ParseResult parsed, Installation installation) => parsed.GetValue(_modulesFolder) ?? installation.Modules;

    public string RuntimesFolder(ParseResult parsed, Installation installation) =>
        parsed.GetValue(_runtimesFolder) ?? installation.Runtimes;

    public ServerChoice Server(ParseResult parsed, Installation installation) => new(
        parsed.GetValue(_server)!,
        ServerVariants.ByName[parsed.GetValue(_variant)!],
        parsed.GetValue(_port),
        Requirements.FromEnvironment.Contains(Requirements.Docker),
        installation.Root)
    { Waiting = new Waiting(what => Console.Error.WriteLine($"conformance: {what}"), Requirements.ContainerLimit) };

    public RunOptions Options(ParseResult parsed) => new()
    {
        TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(_timeLimit)),
        CacheFolder = ConformanceHome.Cache,
        Repro = Installation.Find().Repro,
        Required = Requirements.FromEnvironment,
    };

    private static ImmutableArray<string> Globs(ParseResult parsed, Option<string[]> option) => [.. parsed.GetValue(option) ?? []];

    private static void Positive(OptionResult result)
    {
        if (result.GetValueOrDefault<double>() is not (> 0 and <= 86_400))
            result.AddError("--time-limit must be above 0 and at most 86400 seconds");
    }
}
