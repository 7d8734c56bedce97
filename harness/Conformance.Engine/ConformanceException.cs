using System.Net.Sockets;
using Conformance.Model.Runtimes;

namespace Conformance.Engine;

/// <summary>
/// Something that ends what was asked for: what happened, and where, in one line. What to do about it depends on who asked, and so the
/// command line and NUnit say that.
/// </summary>
/// <param name="message">One line.</param>
/// <param name="inner">What it came from.</param>
public abstract class ConformanceException(string message, Exception? inner) : Exception(message, inner);

/// <summary>What was given is wrong: a manifest, a module, a name. Whoever gave it can put it right.</summary>
public class InputException(string message, Exception? inner = null) : ConformanceException(message, inner);

/// <summary>The machine lacks something, or somebody outside does not answer.</summary>
public class EnvironmentException(string message, Exception? inner = null) : ConformanceException(message, inner);

/// <summary>The counter server can't be hosted in the way that was named.</summary>
/// <param name="hosting">What was named.</param>
public sealed class UnknownHostingException(string hosting)
    : InputException($"\"{hosting}\" is none of auto, container, embedded or an http URL");

/// <summary>A container is required, and the counter server is to be embedded.</summary>
public sealed class ContainerRefusedException()
    : InputException("CONFORMANCE_REQUIRE names docker, and the counter server is to be embedded");

/// <summary>A container is required, and no engine answers.</summary>
public sealed class NoContainerEngineException() : EnvironmentException("no container engine answers, and one is required");

/// <summary>What is listened for.</summary>
public enum Listener
{
    /// <summary>What counts.</summary>
    CounterServer,

    /// <summary>What serves the pages of guests.</summary>
    Page,
}

/// <summary>A port that was asked for is not to be had.</summary>
/// <param name="listener">Who wants it.</param>
/// <param name="port">The port, on 127.0.0.1.</param>
/// <param name="inner">Why.</param>
public sealed class PortException(Listener listener, int port, Exception inner)
    : EnvironmentException($"{(listener == Listener.Page ? "the page can't be served on" : "the counter server can't listen on")} 127.0.0.1:{port}: {inner.InnerException?.Message ?? inner.Message}", inner)
{
    /// <summary>Whether another port would do: else it is the address that this machine has not got.</summary>
    public bool IsOfPort { get; } = (inner as SocketException ?? inner.InnerException as SocketException)?.SocketErrorCode
        is not (SocketError.AddressNotAvailable or SocketError.NetworkUnreachable or SocketError.NetworkDown);

    /// <summary>What could not listen.</summary>
    public Listener Listener { get; } = listener;
}

/// <summary>Neither the checkout nor the package that the harness belongs to is to be found.</summary>
/// <param name="place">Where it was looked for, from there upwards.</param>
public sealed class NoInstallationException(string place) : EnvironmentException($"no Conformance.sln above {place}, and no package");

/// <summary>A runtime's release could not be fetched.</summary>
/// <param name="runtime">Whose.</param>
/// <param name="inner">Why.</param>
public sealed class ReleaseUnreachableException(string runtime, Exception inner)
    : EnvironmentException($"setup {runtime}: {inner.Message}; nothing was installed", inner);

/// <summary>A runtime that is required is not there.</summary>
/// <param name="runtime">Which one.</param>
/// <param name="missing">Why, and what to do.</param>
public sealed class RuntimeRequiredException(string runtime, Unavailability missing)
    : EnvironmentException($"{runtime} is required and unavailable: {missing.Reason}; {missing.Remedy}");
