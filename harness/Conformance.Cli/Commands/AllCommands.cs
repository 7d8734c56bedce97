using System.CommandLine;

namespace Conformance.Cli.Commands;

/// <summary>The commands, in the order in which help shows them.</summary>
internal static class AllCommands
{
    /// <summary>What makes each, by its name: who names one is not kept waiting for all of them.</summary>
    public static IReadOnlyList<(string Name, Func<Command> Create)> ByName { get; } =
    [
        ("run", RunCommand.Create),
        ("try", TryCommand.Create),
        ("list", ListCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("setup", SetupCommand.Create),
        ("test", TestCommand.Create),
        ("modules", ModulesCommand.Create),
        ("imports", ImportsCommand.Create),
        ("atlas", AtlasCommand.Create),
        ("check-worker", CheckWorkerCommand.Create),
        ("serve", ServeCommand.Create),
        ("repro", ReproCommand.Create),
        ("show", ShowCommand.Create),
        ("report", ReportCommand.Create),
        ("diff", DiffCommand.Create),
        ("history", HistoryCommand.Create),
        ("merge", MergeCommand.Create),
        ("nightly", NightlyCommand.Create),
        ("cache", CacheCommand.Create),
    ];

    /// <summary>The root with the command that comes first on the command line; with all of them where none does.</summary>
    public static RootCommand Root(string[] args)
    {
        var root = new RootCommand("Runs the same WebAssembly guests in every runtime, against one counter server, and tells where the runtimes agree, where they part, and at which import.");
        var named = ByName.Where(command => args is [var first, ..] && command.Name == first).ToList();
        foreach (var (_, create) in named.Count > 0 ? named : ByName) root.Add(create());
        return root;
    }
}
