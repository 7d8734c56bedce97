using System.Text;
using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;

namespace Conformance.Runtimes.Command;

/// <summary>How a run failed by a command's own words.</summary>
/// <param name="Outcome">What they mean.</param>
/// <param name="Text">The lines that they are in.</param>
/// <param name="Stdout">The guest's output, without them.</param>
internal sealed record CommandFailure(Outcome Outcome, string Text, CapturedText Stdout);

/// <summary>What a command's words mean, by its manifest.</summary>
internal static class CommandFailures
{
    /// <summary>
    /// How a run failed by its words: null where it did not (exit code 0), or where nothing that the manifest knows was said: then the exit
    /// code is the guest's.
    /// </summary>
    public static CommandFailure? Find(CommandDescription description, CommandEnd end)
    {
        if (end.Exit == 0) return null;
        foreach (var text in new[] { end.Stderr.Text, end.Stdout.Text })
        {
            foreach (var outcome in description.Outcomes)
            {
                if (Match(outcome.Words, text) is not { Success: true } match) continue;
                // From its own words on, what a command prints to stdout is not the guest's.
                var stdout = ReferenceEquals(text, end.Stdout.Text) && !end.Stdout.Truncated ? text[..LineStart(text, match)] : null;
                return new CommandFailure(outcome.Outcome, Line(text, match),
                    stdout is null ? end.Stdout : new CapturedText(stdout, Encoding.UTF8.GetByteCount(stdout), Truncated: false));
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
        var to = text.IndexOf('\n', match.Index + match.Length);
        return text[LineStart(text, match)..(to < 0 ? text.Length : to)].Trim();
    }

    private static int LineStart(string text, Match match) => match.Index == 0 ? 0 : text.LastIndexOf('\n', match.Index - 1) + 1;
}
