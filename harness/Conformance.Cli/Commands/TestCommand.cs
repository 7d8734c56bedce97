using System.Collections.Immutable;
using System.CommandLine;
using Conformance.Cli.Testing;
using Conformance.Engine.Installing;
using Conformance.Engine.Planning;
using Conformance.Manifests;
using Conformance.Model.Runtimes;

namespace Conformance.Cli.Commands;

/// <summary>
/// <c>conformance test</c>: the tests of this repository, with what they need of the machine; other arguments are those of
/// <c>dotnet test</c>.
/// </summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var isLong = new Option<bool>("--long")
        {
            Description = "Run the long tests too: guests from their sources, which takes their toolchains, generated modules, endurance.",
        };
        var command = new Command("test",
            "Run the tests of a checkout, bringing what they need; other arguments go to dotnet test.") { isLong };
        command.TreatUnmatchedTokensAsErrors = false;
        settings.AddNoInstall(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            if (!installation.IsCheckout) throw new CommandException(ExitCode.WrongUsage, "test is for a checkout: a package has no tests");
            var arguments = parsed.UnmatchedTokens.ToList();
            if (!parsed.GetValue(isLong) && !arguments.Contains("--filter")) arguments.AddRange(["--filter", "TestCategory!=Long"]);
            var installs = settings.Installs(parsed);
            await PrepareAsync(installation, settings, parsed, parsed.GetValue(isLong), installs, cancellation);
            await using var daemon = await ContainerDaemon.StartAsync(installs, cancellation);
            return await TestRun.RunAsync(Path.Combine(installation.Root, "Conformance.sln"), arguments, cancellation);
        });
        return command;
    }

    /// <summary>Brings what is missing; without it, tests are inconclusive and say so.</summary>
    private static async Task PrepareAsync(Installation installation, RunSettings settings, ParseResult parsed, bool isLong, bool installs,
        CancellationToken cancellation)
    {
        ToolUse[] uses = isLong ? Enum.GetValues<ToolUse>() : [ToolUse.Runtimes, ToolUse.Server, ToolUse.Tests];
        var tools = installation.ReadTools();
        var missing = tools.Where(tool => uses.Contains(tool.Use) && !ToolPresence.IsHere(tool)).ToList();
        if (!installs)
        {
            if (missing.Count > 0) Console.WriteLine($"missing, and not set up: {string.Join(", ", missing.Select(tool => tool.Id))}");
            return;
        }

        var runtimes = await SetupCommand.MissingAsync(RuntimeManifestReader.ReadAll(installation.Runtimes),
            settings.Options(parsed), cancellation);
        ImmutableArray<Installable> items = [.. missing.Select(Installable.From), .. runtimes];
        if (await SetupCommand.InstallAsync(items, tools, cancellation) != ExitCode.AsExpected)
            Console.WriteLine("without these, their tests are inconclusive");
    }
}
