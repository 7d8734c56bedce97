using System.Collections.Immutable;
using System.Globalization;

namespace Conformance.Wasm;

/// <summary>What an import or export is. Numbers are those of the binary format.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#import-section"/>
public enum ExternKind
{
    /// <summary>A function.</summary>
    Func = 0,

    /// <summary>A table.</summary>
    Table = 1,

    /// <summary>A memory.</summary>
    Memory = 2,

    /// <summary>A global.</summary>
    Global = 3,

    /// <summary>A tag of exception handling.</summary>
    Tag = 4,
}

/// <summary>The type of an import or export; <see cref="object.ToString"/> is the form that reports show.</summary>
public abstract record ExternType(ExternKind Kind)
{
    /// <summary>The value types that it is made of, in text form; a memory has none.</summary>
    public virtual ImmutableArray<string> ValueTypes => [];
}

/// <summary>A function's type: value types in text form, such as <c>i32</c> or <c>(ref null func)</c>.</summary>
public sealed record FunctionType(ImmutableArray<string> Parameters, ImmutableArray<string> Results) : ExternType(ExternKind.Func)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> ValueTypes => [.. Parameters, .. Results];

    /// <inheritdoc/>
    public bool Equals(FunctionType? other) =>
        other is not null && Parameters.SequenceEqual(other.Parameters) && Results.SequenceEqual(other.Results);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Parameters)}) -> ({string.Join(", ", Results)})";
}

/// <summary>Sizes of a memory (in pages) or a table (in elements).</summary>
public sealed record Limits(ulong Minimum, ulong? Maximum, bool Is64Bit)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Minimum.ToString(CultureInfo.InvariantCulture) + ".." + Maximum?.ToString(CultureInfo.InvariantCulture) + (Is64Bit ? " i64" : "");
}

/// <summary>A memory's type.</summary>
/// <param name="Limits">Its size, at least and at most, in pages.</param>
/// <param name="Shared">Of the threads proposal.</param>
/// <param name="PageSizeLog2">16 unless the custom-page-sizes proposal is used.</param>
public sealed record MemoryType(Limits Limits, bool Shared, uint PageSizeLog2 = 16) : ExternType(ExternKind.Memory)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Limits}{(Shared ? " shared" : "")}{(PageSizeLog2 == 16 ? "" : $" pagesize 2^{PageSizeLog2}")}";
}

/// <summary>A table's type.</summary>
/// <param name="Element">The type of its elements, such as <c>funcref</c>.</param>
/// <param name="Limits">How many there are, at least and at most.</param>
/// <param name="Shared">Of the shared-everything-threads proposal.</param>
public sealed record TableType(string Element, Limits Limits, bool Shared = false) : ExternType(ExternKind.Table)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> ValueTypes => [Element];

    /// <inheritdoc/>
    public override string ToString() => $"{Limits} {Element}{(Shared ? " shared" : "")}";
}

/// <summary>A global's type.</summary>
/// <param name="Value">The type of its value.</param>
/// <param name="Mutable">Whether it may be set.</param>
/// <param name="Shared">Of the shared-everything-threads proposal.</param>
public sealed record GlobalType(string Value, bool Mutable, bool Shared = false) : ExternType(ExternKind.Global)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> ValueTypes => [Value];

    /// <inheritdoc/>
    public override string ToString() => (Shared ? "shared " : "") + (Mutable ? $"mut {Value}" : Value);
}

/// <summary>A tag of the exception-handling proposal, typed by its function type.</summary>
public sealed record TagType(FunctionType Function) : ExternType(ExternKind.Tag)
{
    /// <inheritdoc/>
    public override ImmutableArray<string> ValueTypes => Function.ValueTypes;

    /// <inheritdoc/>
    public override string ToString() => Function.ToString();
}

/// <summary>One entry of the import section. The same (module, name) may stand there more than once.</summary>
public sealed record WasmImport(string Module, string Name, ExternType Type);

/// <summary>One entry of the export section.</summary>
public sealed record WasmExport(string Name, ExternType Type);

/// <summary>What the outside sees of a core module: its imports and exports, in the order of the binary.</summary>
/// <param name="Imports">In their order, duplicates kept.</param>
/// <param name="Exports">In their order.</param>
/// <param name="HasStart">True where instantiating runs code of the module's.</param>
/// <param name="HasMemory">True where it imports a memory, or has one of its own, exported or not.</param>
public sealed record WasmInterface(ImmutableArray<WasmImport> Imports,
    ImmutableArray<WasmExport> Exports, bool HasStart, bool HasMemory = false)
{
    /// <summary>Of a module that can't be read: what is wrong with it is for an engine to say.</summary>
    public static WasmInterface Empty { get; } = new([], [], HasStart: false);
}
