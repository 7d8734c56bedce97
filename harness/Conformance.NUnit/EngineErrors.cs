using Conformance.Engine;

namespace Conformance.NUnit;

/// <summary>The engine's errors as whoever writes a test can use them.</summary>
internal static class EngineErrors
{
    /// <summary>What happened, and what to write.</summary>
    public static string Message(Exception error) => error switch
    {
        UnknownHostingException => $"Server {error.Message}",
        ContainerRefusedException => $"{error.Message}: leave Server = \"embedded\" out of [ConformanceCells], or docker",
        NoContainerEngineException => $"{error.Message}; start one, or say Server = \"embedded\" in [ConformanceCells]",
        NoInstallationException => $"{error.Message}: reference the package Conformance.NUnit",
        _ => error.Message,
    };
}
