using Conformance.Engine;

namespace Conformance.Cli;

/// <summary>
/// What a person says of fetching things: by <c>--no-install</c>, <c>CONFORMANCE_OFFLINE</c> and <c>CONFORMANCE_MIRROR</c>.
/// </summary>
internal static class Networking
{
    private const string OfflineVariable = "CONFORMANCE_OFFLINE";

    private const string MirrorVariable = "CONFORMANCE_MIRROR";

    /// <summary>Whether nothing is to be fetched.</summary>
    public static bool IsOffline => Environment.GetEnvironmentVariable(OfflineVariable) is { Length: > 0 } set && set != "0";

    /// <summary>The server to take releases from instead of their own; null where none is said.</summary>
    /// <exception cref="CommandException">What is said is no http URL.</exception>
    public static Uri? Mirror => Environment.GetEnvironmentVariable(MirrorVariable) is not { Length: > 0 } set ? null
        : Uri.TryCreate(set, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
        : throw new CommandException(ExitCode.WrongUsage, $"{MirrorVariable} is \"{set}\": it must be an http or https URL");

    /// <exception cref="CommandException">Nothing is to be fetched.</exception>
    public static void Check()
    {
        if (IsOffline)
        {
            throw new CommandException(ExitCode.Environment,
            $"{OfflineVariable} is set, so nothing is fetched; --from takes a file");
        }
    }
}
