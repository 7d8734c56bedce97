using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;

namespace Conformance.Manifests;

/// <summary>Reads the table <c>command</c> of a <c>runtime.toml</c>.</summary>
internal static partial class CommandDescriptionReader
{
    /// <summary>Items of <c>run</c> that stand for other keys' arguments, and the placeholders that those have.</summary>
    private static readonly (string Item, string Key, string[] Placeholders)[] Parts =
    [
        ("cache", "cache", ["folder"]),
        ("env", "env", ["name", "value"]),
        ("preopens", "preopen", ["folder", "path"]),
        ("entry", "entry", ["entry"]),
        ("stdin", "stdin", ["file"]),
        ("words", "words", ["file"]),
        ("argv0", "argv0", ["name"]),
    ];

    /// <summary>A pattern that a text makes slow is no match: the harness waits for nobody's regular expression.</summary>
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    public static CommandDescription Read(ManifestTable table, string manifestPath)
    {
        var run = Arguments(table, "run", ["module", "args", .. Parts.Select(part => part.Item)], required: true);
        if (!run.IsEmpty && !run.Any(item => item.Contains("{module}", StringComparison.Ordinal)))
            table.Problem("run", "'command.run' has no {module}: the command would not be told what to run");
        foreach (var whole in Parts.Select(part => part.Item).Append("args"))
        {
            if (run.Any(item => item != $"{{{whole}}}" && item.Contains($"{{{whole}}}", StringComparison.Ordinal)))
                table.Problem("run", $"{{{whole}}} in 'command.run' stands for any number of arguments: it must be an item of its own");
        }

        var parts = Parts.ToDictionary(part => part.Key, part => Arguments(table, part.Key, part.Placeholders, required: false));
        foreach (var (item, key, _) in Parts)
        {
            if (run.IsEmpty || run.Contains($"{{{item}}}") == table.Has(key)) continue;
            table.Problem(table.Has(key) ? key : "run", table.Has(key) ? $"'command.{key}' is not used: 'command.run' has no {{{item}}}"
                : $"'command.run' has {{{item}}}, and there is no 'command.{key}'");
        }

        var description = new CommandDescription
        {
            Program = table.RequiredString("program"),
            Version = Arguments(table, "version", [], required: true),
            VersionPattern = Pattern(table, "version-pattern") ?? AnyVersion(),
            Engine = table.RequiredString("engine"),
            Run = run,
            Cache = parts["cache"],
            Env = parts["env"],
            Preopen = parts["preopen"],
            ReadOnlyPreopen = Arguments(table, "read-only-preopen", ["folder", "path"], required: false),
            Argv0 = parts["argv0"],
            Entry = parts["entry"],
            Stdin = parts["stdin"],
            OwnWords = parts["words"],
            Each = Arguments(table, "each", ["list"], required: false),
            Result = Pattern(table, "result"),
            Outcomes = [.. table.Tables("outcomes").Select(ReadOutcome)],
            Locations = new[] { "program", "version", "version-pattern", "run" }.Where(table.Has)
                .ToImmutableSortedDictionary(key => key, key => $"{manifestPath}:{table.LineOf(key)}", StringComparer.Ordinal),
        };
        table.Close();
        return description;
    }

    private static CommandOutcome ReadOutcome(ManifestTable table)
    {
        var code = table.RequiredString("code");
        var words = Pattern(table, "words", required: true) ?? AnyVersion();
        var group = code switch
        {
            CommandOutcome.OfTrap => "trap",
            CommandOutcome.OfProposal => "feature",
            CommandOutcome.Told => "code",
            _ => null,
        };
        if (group is not null && !words.GetGroupNames().Contains(group))
            table.Problem("words", $"the code '{code}' is of what the pattern has a group for, and it has none that is named: (?<{group}>…)");
        if (code.Length > 0 && group is null && !OutcomeCodes.IsCode(code))
        {
            table.Problem("code", $"'{code}' is no code: there are {string.Join(", ", OutcomeCodes.All)}, and trap: with "
                + $"{string.Join(", ", Trap.All.Select(trap => trap.Name))}");
        }

        var outcome = new CommandOutcome(words, table.Word<Phase>("phase", required: true) ?? Phase.Run, code);
        table.Close();
        return outcome;
    }

    private static ImmutableArray<string> Arguments(ManifestTable table, string key, string[] places, bool required)
    {
        if (required && !table.Has(key)) table.Problem(null, $"'{key}' is missing in 'command'");
        var arguments = table.Strings(key);
        foreach (var place in arguments.SelectMany(argument => Place().Matches(argument))
            .Select(match => match.Groups[1].Value).Where(place => place != "here" && !places.Contains(place)).Distinct())
        {
            table.Problem(key,
                $"'command.{key}' has {{{place}}}; known there: {string.Join(", ", places.Append("here").Select(name => $"{{{name}}}"))}");
        }

        return arguments;
    }

    private static Regex? Pattern(ManifestTable table, string key, bool required = false)
    {
        if (table.String(key, required) is not { } text) return null;
        try
        {
            return new Regex(text, RegexOptions.Multiline | RegexOptions.CultureInvariant, MatchLimit);
        }
        catch (ArgumentException e)
        {
            table.Problem(key, $"'{key}' is no regular expression: {e.Message}");
            return null;
        }
    }

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\d+(\.\d+)+\S*")]
    private static partial Regex AnyVersion();
}
