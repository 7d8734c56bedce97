using Spectre.Console;

namespace Conformance.Cli;

/// <summary>Whether a console is a person's, who sees lines change in place.</summary>
internal static class LiveConsole
{
    public static bool Is(IAnsiConsole console) =>
        console.Profile.Out.IsTerminal && console.Profile.Capabilities.Ansi
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
}
