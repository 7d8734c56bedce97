using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;

namespace Conformance.Runtimes.Command;

/// <summary>How a run failed by a command's own words.</summary>
/// <param name="Outcome">What they mean.</param>
/// <param name="Text">The lines that they are in.</param>
/// <param name="Stdout">The guest's output, without them.</param>
internal sealed record CommandFailure(Outcome Outcome, string Text, CapturedText Stdout)
{
    /// <summary>Of a trap: where its instruction stands in the module; null where the command does not tell.</summary>
    public long? Offset { get; init; }
}

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
        foreach (var text in end.OwnWords is { } own ? new[] { own } : [end.Stderr.Text, end.Stdout.Text])
        {
            foreach (var outcome in description.Outcomes)
            {
                if (Match(outcome.Words, text) is not { Success: true } match) continue;
                // From its own words on, what a command prints to stdout is not the guest's.
                var stdout = ReferenceEquals(text, end.Stdout.Text) && !end.Stdout.Truncated ? text[..LineStart(text, match)] : null;
                var told = match.Groups["text"] is { Success: true } its ? its.Value.Trim() : Line(text, match);
                return new CommandFailure(outcome.ToOutcome(match), told, stdout is null ? end.Stdout : Captured(stdout))
                {
                    Offset = long.TryParse(match.Groups["offset"].Value, NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture, out var at) ? at : null,
                };
            }
        }

        return null;
    }

    /// <summary>
    /// What a function returned, of so many values, and the guest's output without that: a command prints each as a line after it, unless
    /// it has a file for its own words.
    /// </summary>
    public static (string? Result, CapturedText Stdout) Result(CommandDescription description, CommandEnd end, int values)
    {
        if (description.Result is not { } pattern || values == 0) return (null, end.Stdout);
        if (end.OwnWords is { } own)
            return (Match(pattern, own) is { Success: true } match ? match.Groups["result"].Value : null, end.Stdout);
        var text = end.Stdout.Text;
        var results = new Stack<string>();
        while (results.Count < values && Match(pattern, text) is { Success: true } match
            && text[(match.Index + match.Length)..] is "" or "\n")
        {
            results.Push(match.Groups["result"].Value);
            text = text[..match.Index];
        }

        return results.Count == values ? (string.Join(' ', results), end.Stdout.Truncated ? end.Stdout : Captured(text))
            : (null, end.Stdout);
    }

    private static CapturedText Captured(string text) => new(text, Encoding.UTF8.GetByteCount(text), Truncated: false);

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
