using System.Collections.Immutable;
using System.Text;
using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>The types of values that the C API has, by its numbers.</summary>
public enum ValueKind : byte
{
    /// <summary><c>i32</c></summary>
    Int32 = 0,

    /// <summary><c>i64</c></summary>
    Int64 = 1,

    /// <summary><c>f32</c></summary>
    Float32 = 2,

    /// <summary><c>f64</c></summary>
    Float64 = 3,

    /// <summary><c>externref</c></summary>
    ExternRef = 128,

    /// <summary><c>funcref</c></summary>
    FuncRef = 129,
}

/// <summary>The type of an import or export.</summary>
public abstract record ExternType
{
    private protected ExternType()
    {
    }

    internal static unsafe ExternType Read(nint type) => Native.wasm_externtype_kind(type) switch
    {
        0 => FunctionType.ReadFunction(Native.wasm_externtype_as_functype_const(type)),
        1 when Native.wasm_externtype_as_globaltype_const(type) is var global =>
            new GlobalType((ValueKind)Native.wasm_valtype_kind(Native.wasm_globaltype_content(global)),
                Native.wasm_globaltype_mutability(global) == 1),
        2 when Native.wasm_externtype_as_tabletype_const(type) is var table =>
            new TableType((ValueKind)Native.wasm_valtype_kind(Native.wasm_tabletype_element(table)),
                Limits.Read(Native.wasm_tabletype_limits(table))),
        3 => new MemoryType(Limits.Read(Native.wasm_memorytype_limits(Native.wasm_externtype_as_memorytype_const(type)))),
        var kind => throw new WasmerException($"extern kind {kind} is not one of wasm.h"),
    };
}

/// <summary>The type of a function.</summary>
/// <param name="Parameters">In their order.</param>
/// <param name="Results">In their order.</param>
public sealed record FunctionType(ImmutableArray<ValueKind> Parameters, ImmutableArray<ValueKind> Results) : ExternType
{
    /// <inheritdoc/>
    public bool Equals(FunctionType? other) =>
        other is not null && Parameters.SequenceEqual(other.Parameters) && Results.SequenceEqual(other.Results);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var kind in Parameters) hash.Add(kind);
        hash.Add(-1);
        foreach (var kind in Results) hash.Add(kind);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Parameters)}) -> ({string.Join(", ", Results)})";

    internal static unsafe FunctionType ReadFunction(nint type) =>
        new(Kinds(Native.wasm_functype_params(type)), Kinds(Native.wasm_functype_results(type)));

    internal unsafe FunctionTypeHandle ToNative()
    {
        var parameters = Vector(Parameters);
        var results = Vector(Results);
        return Native.wasm_functype_new(ref parameters, ref results).Owned("wasm_functype_new");
    }

    private static unsafe ImmutableArray<ValueKind> Kinds(WasmVector* vector)
    {
        var kinds = ImmutableArray.CreateBuilder<ValueKind>((int)vector->Size);
        foreach (var type in vector->Pointers) kinds.Add((ValueKind)Native.wasm_valtype_kind(type));
        return kinds.MoveToImmutable();
    }

    private static unsafe WasmVector Vector(ImmutableArray<ValueKind> kinds)
    {
        var elements = stackalloc nint[Math.Max(kinds.Length, 1)];
        for (var i = 0; i < kinds.Length; i++) elements[i] = Native.wasm_valtype_new((byte)kinds[i]);
        Native.wasm_valtype_vec_new(out var vector, (nuint)kinds.Length, elements);
        return vector;
    }
}

/// <summary>The type of a global.</summary>
/// <param name="Value">What it holds.</param>
/// <param name="Mutable">Whether it can be set.</param>
public sealed record GlobalType(ValueKind Value, bool Mutable) : ExternType;

/// <summary>The type of a table.</summary>
/// <param name="Element">What it holds.</param>
/// <param name="Limits">In elements.</param>
public sealed record TableType(ValueKind Element, Limits Limits) : ExternType;

/// <summary>The type of a memory.</summary>
/// <param name="Limits">In pages of 64 KiB.</param>
public sealed record MemoryType(Limits Limits) : ExternType;

/// <summary>The size of a table or memory.</summary>
/// <param name="Minimum">Its size when it is made.</param>
/// <param name="Maximum">What it may grow to; null is without a limit of its own.</param>
public sealed record Limits(uint Minimum, uint? Maximum)
{
    internal static unsafe Limits Read(WasmLimits* limits) =>
        new(limits->Minimum, limits->Maximum == WasmLimits.NoMaximum ? null : limits->Maximum);
}

/// <summary>One entry of a module's import section.</summary>
/// <param name="ModuleName">The module that it is imported from, such as <c>env</c>.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Type">What the module declares.</param>
public sealed record Import(string ModuleName, string Name, ExternType Type);

/// <summary>One entry of a module's export section.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it is.</param>
public sealed record Export(string Name, ExternType Type);
