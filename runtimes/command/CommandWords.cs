using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;

namespace Conformance.Runtimes.Command;

/// <summary>What a command's words mean, by its manifest.</summary>
internal static class CommandWords
{
    /// <summary>How a run failed by its words: null where it did not (exit code 0), or where nothing that the manifest knows was said: then the exit code is the guest's.</summary>
    public static (CommandOutcome Outcome, string Text)? Find(CommandDescription description, CommandEnd end)
    {
        if (end.Exit == 0) return null;
        foreach (var text in new[] { end.Stderr.Text, end.Stdout.Text })
        {
            foreach (var outcome in description.Outcomes)
            {
                if (Match(outcome.Words, text) is { Success: true } match) return (outcome, Line(text, match));
            }
        }

        return null;
    }

    /// <summary>A match; none where looking for it takes too long.</summary>
    public static Match? Match(Regex pattern, string text)
    {
        try
        {
            return pattern.Match(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    /// <summary>The lines that a match is in.</summary>
    private static string Line(string text, Match match)
    {
        var from = match.Index == 0 ? 0 : text.LastIndexOf('\n', match.Index - 1) + 1;
        var to = text.IndexOf('\n', match.Index + match.Length);
        return text[from..(to < 0 ? text.Length : to)].Trim();
    }
}
