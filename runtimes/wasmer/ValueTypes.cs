using System.Collections.Immutable;
using Conformance.Runtimes.Hosting;
using Conformance.Wasmer;
using WasmFunctionType = Conformance.Wasm.FunctionType;

namespace Conformance.Runtimes.Wasmer;

/// <summary>Between the names of value types and the C API's numbers for them.</summary>
internal static class ValueTypes
{
    private static readonly Dictionary<string, ValueKind> ByName = new(StringComparer.Ordinal)
    {
        ["i32"] = ValueKind.Int32,
        ["i64"] = ValueKind.Int64,
        ["f32"] = ValueKind.Float32,
        ["f64"] = ValueKind.Float64,
        ["funcref"] = ValueKind.FuncRef,
        ["externref"] = ValueKind.ExternRef,
    };

    public static bool Knows(string type) => ByName.ContainsKey(type);

    public static WasmFunctionType Type(FunctionType type) => new(Names(type.Parameters), Names(type.Results));

    public static FunctionType Type(WasmFunctionType type) => new(Kinds(type.Parameters), Kinds(type.Results));

    /// <summary>The callback that does the host function's request, whatever its declared parameters are.</summary>
    public static HostFunction Callback(FulfilledImport import, HostFunctions functions)
    {
        var (host, results) = (import.Host, import.Type.Results);
        if (results.IsEmpty) return (_, _) => functions.Call(host, wantsResult: false);
        Func<long, Value> value = results[0] switch
        {
            "i32" => number => (int)number,
            "i64" => number => number,
            "f32" => number => (float)number,
            _ => number => (double)number,
        };
        return (_, given) => given[0] = value(functions.Call(host, wantsResult: true));
    }

    private static ImmutableArray<ValueKind> Kinds(ImmutableArray<string> types) => [.. types.Select(type => ByName[type])];

    private static ImmutableArray<string> Names(ImmutableArray<ValueKind> kinds) => [.. kinds.Select(kind => ByName.First(pair => pair.Value == kind).Key)];
}
