using System.Net;

namespace Conformance.Model.Counters;

/// <summary>Names that mean this machine and no other, whoever answers for names.</summary>
public static class LoopbackHost
{
    /// <param name="host">Of a URL or a <c>Host</c> header, without a port.</param>
    public static bool Is(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
