namespace Conformance.Engine.Workers;

/// <summary>A process's end in words. .NET gives 128 + N for signal N, as shells do.</summary>
internal static class ExitDescription
{
    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "SIGHUP",
        [2] = "SIGINT",
        [3] = "SIGQUIT",
        [4] = "SIGILL",
        [5] = "SIGTRAP",
        [6] = "SIGABRT",
        [7] = "SIGBUS",
        [8] = "SIGFPE",
        [9] = "SIGKILL",
        [11] = "SIGSEGV",
        [13] = "SIGPIPE",
        [15] = "SIGTERM",
        [25] = "SIGXFSZ",
        [31] = "SIGSYS",
    };

    public static string Describe(int exitCode) => exitCode > 128 && !OperatingSystem.IsWindows()
        ? $"ended by signal {exitCode - 128}{(Signals.TryGetValue(exitCode - 128, out var name) ? $" ({name})" : "")}"
        : $"ended with exit code {exitCode}";
}
