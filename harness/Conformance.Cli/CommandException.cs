using Conformance.Engine;

namespace Conformance.Cli;

/// <summary>The exit codes of the <c>conformance</c> command.</summary>
internal enum ExitCode
{
    AsExpected = 0,
    Unexpected = 1,

    /// <summary>Wrong usage, or broken input.</summary>
    WrongUsage = 2,

    /// <summary>The machine lacks something.</summary>
    Environment = 3,
}

/// <summary>Ends a command with one clear line: what, where, and what to do.</summary>
/// <param name="exit"><see cref="ExitCode.WrongUsage"/> for what the user gave, <see cref="ExitCode.Environment"/> for what the machine
/// lacks.</param>
/// <param name="message">One line.</param>
internal sealed class CommandException(ExitCode exit, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Exit { get; } = exit;
}

/// <summary>The engine's errors as whoever typed a command can use them.</summary>
internal static class EngineErrors
{
    public static ExitCode Exit(ConformanceException error) => error is InputException ? ExitCode.WrongUsage : ExitCode.Environment;

    /// <summary>What happened, and what to type.</summary>
    public static string Message(ConformanceException error) => error switch
    {
        UnknownHostingException => $"--server {error.Message}",
        ContainerRefusedException => $"{error.Message}: leave --server embedded out, or docker",
        NoContainerEngineException => $"{error.Message}; start one (as root on Debian: apt-get install -y docker.io iptables, then dockerd), or use --server embedded",
        PortException { IsOfPort: false } => $"{error.Message}; this machine must have the address 127.0.0.1 (on Linux, as root: ip link set lo up)",
        PortException { Listener: Listener.Page } => $"{error.Message}; choose another --page-port, or 0 for a free one",
        PortException => $"{error.Message}; choose another --port, or 0 for a free one",
        NoInstallationException =>
            $"{error.Message}: run the command from the checkout it was built in, or install the tool Conformance.Cli",
        ReleaseUnreachableException => $"{error.Message}; --from takes a mirror's URL or a file",
        _ => error.Message,
    };
}
