using System.Collections.Immutable;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Between the names of value types and Wasmtime's numbers for them.</summary>
internal static class ValueTypes
{
    private static readonly Dictionary<string, ValueKind> ByName = new(StringComparer.Ordinal)
    {
        ["i32"] = ValueKind.Int32,
        ["i64"] = ValueKind.Int64,
        ["f32"] = ValueKind.Float32,
        ["f64"] = ValueKind.Float64,
        ["v128"] = ValueKind.V128,
        ["funcref"] = ValueKind.FuncRef,
        ["externref"] = ValueKind.ExternRef,
    };

    public static bool Knows(string type) => ByName.ContainsKey(type);

    public static ValueKind[] Kinds(ImmutableArray<string> types) => [.. types.Select(type => ByName[type])];

    public static FunctionType Type(Function function) => new(Names(function.Parameters), Names(function.Results));

    /// <summary>The callback that does the host function's request, whatever its declared parameters are.</summary>
    public static Function.UntypedCallbackDelegate Callback(FulfilledImport import, HostFunctions functions)
    {
        var (host, results) = (import.Host, import.Type.Results);
        if (results.IsEmpty) return (_, _, _) => functions.Call(host, wantsResult: false);
        Func<long, ValueBox> box = results[0] switch
        {
            "i32" => value => (int)value,
            "i64" => value => value,
            "f32" => value => (float)value,
            _ => value => (double)value,
        };
        return (_, _, given) => given[0] = box(functions.Call(host, wantsResult: true));
    }

    private static ImmutableArray<string> Names(IReadOnlyList<ValueKind> kinds) =>
        [.. kinds.Select(kind => ByName.FirstOrDefault(pair => pair.Value == kind).Key ?? kind.ToString())];
}
