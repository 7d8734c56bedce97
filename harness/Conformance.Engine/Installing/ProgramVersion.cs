using System.Globalization;
using System.Text.RegularExpressions;
using Conformance.Machine;

namespace Conformance.Engine.Installing;

/// <summary>What a program says to <c>--version</c>.</summary>
internal static partial class ProgramVersion
{
    /// <summary>A program that only says its version does not take as long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>The first number; 0 where it says none, or can't be asked.</summary>
    /// <param name="program">Its path.</param>
    public static int Major(string program)
    {
        var run = ToolRun.StartAsync(program, ["--version"], CancellationToken.None, limit: Longest).GetAwaiter().GetResult();
        return Number().Match(run.Output) is { Success: true } match
            && int.TryParse(match.Value, CultureInfo.InvariantCulture, out var major) ? major : 0;
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
