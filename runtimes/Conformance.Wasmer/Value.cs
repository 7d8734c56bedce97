using System.Globalization;
using System.Runtime.InteropServices;

namespace Conformance.Wasmer;

/// <summary>A value that goes into or comes out of a function: <c>wasm_val_t</c>, as it lies in memory.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public readonly struct Value
{
    [FieldOffset(0)]
    private readonly ValueKind _kind;

    [FieldOffset(8)]
    private readonly long _bits;

    private Value(ValueKind kind, long bits)
    {
        _kind = kind;
        _bits = bits;
    }

    /// <summary>Its type.</summary>
    public ValueKind Kind => _kind;

    /// <summary>As <c>i32</c>.</summary>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    public int AsInt32() => (int)As(ValueKind.Int32);

    /// <summary>As <c>i64</c>.</summary>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    public long AsInt64() => As(ValueKind.Int64);

    /// <summary>As <c>f32</c>.</summary>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    public float AsSingle() => BitConverter.Int32BitsToSingle((int)As(ValueKind.Float32));

    /// <summary>As <c>f64</c>.</summary>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    public double AsDouble() => BitConverter.Int64BitsToDouble(As(ValueKind.Float64));

    /// <summary>An <c>i32</c>.</summary>
    public static implicit operator Value(int value) => new(ValueKind.Int32, (uint)value);

    /// <summary>An <c>i64</c>.</summary>
    public static implicit operator Value(long value) => new(ValueKind.Int64, value);

    /// <summary>An <c>f32</c>.</summary>
    public static implicit operator Value(float value) => new(ValueKind.Float32, (uint)BitConverter.SingleToInt32Bits(value));

    /// <summary>An <c>f64</c>.</summary>
    public static implicit operator Value(double value) => new(ValueKind.Float64, BitConverter.DoubleToInt64Bits(value));

    /// <summary>The number as text; a reference as its kind.</summary>
    public override string ToString() => _kind switch
    {
        ValueKind.Int32 => AsInt32().ToString(CultureInfo.InvariantCulture),
        ValueKind.Int64 => AsInt64().ToString(CultureInfo.InvariantCulture),
        ValueKind.Float32 => AsSingle().ToString(CultureInfo.InvariantCulture),
        ValueKind.Float64 => AsDouble().ToString(CultureInfo.InvariantCulture),
        _ => _kind.ToString(),
    };

    private long As(ValueKind kind) => _kind == kind ? _bits : throw new InvalidCastException($"the value is {_kind}, not {kind}");
}
