using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Conformance.Engine;
using Conformance.History;
using Conformance.Reporting.Trends;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance history</c>: nights in a SQLite file.</summary>
internal static class HistoryCommand
{
    /// <summary>What a trend shows.</summary>
    private const int NightsShown = 366;

    public static Command Create()
    {
        var command = new Command("history", "Keep nights and tell what changed between them.") { Add(), TrendOf(), Cell(), Prune() };
        return command;
    }

    public static Option<string?> Database(string description, bool required) =>
        new(required ? "--db" : "--history") { Description = description, HelpName = "file", Required = required };

    /// <exception cref="HistoryException">It can't be used, or is not there.</exception>
    public static ImmutableArray<TrendNight> Trend(string path)
    {
        using var history = HistoryDatabase.Open(path, create: false);
        return history.Trend(NightsShown);
    }

    private static Command Add()
    {
        var file = ReportFiles.Argument("report");
        var database = Database("The history; made where it is missing.", required: true);
        var sequence = new Option<bool>("--in-sequence")
        {
            Description = "Take it for the newest, whatever its clock says: one that was ahead once would keep out all that follow.",
        };
        var command = new Command("add", "Add a night.") { file, database, sequence };
        command.SetAction(parsed =>
        {
            var (report, path) = ReportFiles.Read(parsed.GetRequiredValue(file));
            using var history = HistoryDatabase.Open(parsed.GetRequiredValue(database)!, create: true);
            var added = history.Add(report, path, parsed.GetValue(sequence));
            if (added.Behind is { } later)
                Console.Error.WriteLine($"conformance: the clock is behind the night before, which began at {later.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
            Console.WriteLine($"{added.Night.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {(added.Known ? "known already" : added.Changes is { } changes ? $"added, {changes} cells changed" : "added, the first night")}");
            return (int)ExitCode.AsExpected;
        });
        return command;
    }

    private static Command TrendOf()
    {
        var database = Database("The history.", required: true);
        var command = new Command("trend",
            "Show the nights: verdicts, agreements, changes, and the runtimes' versions where they changed.") { database };
        command.SetAction(parsed =>
        {
            var console = AnsiConsole.Console;
            var table = new Table().Border(console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii)
                .AddColumns("night (UTC)", "cells", "verdicts", "agreements", "changes", "what changed of the runtimes");
            TrendNight? before = null;
            foreach (var night in Trend(parsed.GetRequiredValue(database)!))
            {
                table.AddRow([.. new[]
                {
                    night.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                        $"{night.Cells}", Counts(night.Verdicts), Counts(night.Agreements),
                        night.Changes?.ToString(CultureInfo.InvariantCulture) ?? "–", NewVersions(before, night),
                }.Select(text => new Text(text))]);
                before = night;
            }

            console.Write(table);
            return (int)ExitCode.AsExpected;
        });
        return command;
    }

    private static Command Cell()
    {
        var id = new Argument<string>("cell") { Description = "module/scenario/runtime, as list cells has it." };
        var database = Database("The history.", required: true);
        var command = new Command("cell", "Show all that a cell ever was.") { id, database };
        command.SetAction(parsed =>
        {
            var cell = parsed.GetRequiredValue(id);
            if (cell.Split('/') is not [var module, var scenario, var runtime])
                throw new CommandException(ExitCode.WrongUsage, $"\"{cell}\" is no cell: it is module/scenario/runtime");
            using var history = HistoryDatabase.Open(parsed.GetRequiredValue(database)!, create: false);
            var transitions = history.Cell(module, scenario, runtime);
            if (transitions.IsEmpty) throw new CommandException(ExitCode.WrongUsage, $"the history knows no cell \"{cell}\"");
            foreach (var transition in transitions)
            {
                var version = transition.RuntimeVersion is { } known ? $" ({runtime} {known})" : "";
                Console.WriteLine($"{transition.Night.UtcDateTime:yyyy-MM-dd HH:mm}  {transition.Shown ?? "gone"}{version}, {transition.Nights} {(transition.Nights == 1 ? "night" : "nights")}{(transition.Text is { } text ? $": {text.ReplaceLineEndings(" ").Trim()}" : "")}");
            }

            return (int)ExitCode.AsExpected;
        });
        return command;
    }

    private static Command Prune()
    {
        var database = Database("The history.", required: true);
        var keep = new Option<int>("--keep") { Description = "How many of the newest nights stay.", Required = true };
        RunSettings.Between(keep, 1, 100_000);
        var command = new Command("prune", "Forget old nights; what each cell showed when the first that stays began is kept.") { database,
            keep };
        command.SetAction(parsed =>
        {
            using var history = HistoryDatabase.Open(parsed.GetRequiredValue(database)!, create: false);
            Console.WriteLine($"{history.Prune(parsed.GetValue(keep))} nights forgotten");
            return (int)ExitCode.AsExpected;
        });
        return command;
    }

    private static string Counts(ImmutableSortedDictionary<string, int> counts) =>
        string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"));

    private static string NewVersions(TrendNight? before, TrendNight night) => before is null
        ? string.Join(", ", night.Runtimes.Select(runtime => $"{runtime.Runtime} {runtime.Version ?? "unavailable"}"))
        : string.Join(", ", night.Runtimes.Where(
            runtime => before.Runtimes.FirstOrDefault(b => b.Runtime == runtime.Runtime)?.Version != runtime.Version)
            .Select(runtime => $"{runtime.Runtime} {runtime.Version ?? "unavailable"}"));
}
