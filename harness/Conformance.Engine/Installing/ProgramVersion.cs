using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

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
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["--version"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            })!;
            process.StandardInput.Close();
            var words = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Longest) || !words.Wait(Longest))
            {
                process.Kill(entireProcessTree: true);
                return 0;
            }

            return Number().Match(words.Result) is { Success: true } match
                && int.TryParse(match.Value, CultureInfo.InvariantCulture, out var major) ? major : 0;
        }
        catch (Win32Exception)
        {
            return 0;
        }
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
