using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>Asks an engine about imports one by one: engines stop at the first that they refuse.</summary>
public static class ImportProbes
{
    /// <summary>The verdicts on a request's probes; null where it has none.</summary>
    /// <param name="request">What to resolve.</param>
    /// <param name="instantiate">Compiles and instantiates a module of one import with the cell's definitions, and gives how that failed, or null.</param>
    public static ImmutableArray<ProbeVerdict>? Verdicts(ResolveParams request, Func<byte[], WasmInterface, Ending?> instantiate)
    {
        if (request.Probes is not { } probes) return null;
        return [.. probes.Select(Convert.FromBase64String).Select(bytes => instantiate(bytes, WasmInterfaceReader.Read(bytes)) is { } ending ? new ProbeVerdict(ending.Code, ending.Text?.Trim()) : new ProbeVerdict(null, null))];
    }
}
