using Conformance.Wasm;
using CsCheck;

namespace Conformance.UnitTests.Wasm;

/// <summary>
/// What manifests provide besides functions: their types as people write them, the modules that define them, and what they fit.
/// </summary>
[TestFixture]
public sealed class DefinitionTests
{
    private static readonly Gen<Limits> AnyLimits = Gen.Select(Gen.UInt[0, 40],
        Gen.UInt[0, 40].Nullable(), (minimum, more) => new Limits(minimum, more is { } room ? minimum + room : null, false));

    private static readonly Gen<ExternType> Types = Gen.OneOf(
        AnyLimits.Select(limits => (ExternType)new MemoryType(limits, false)),
        Gen.Select(AnyLimits, Gen.OneOf("funcref", "externref"), (limits, element) => (ExternType)new TableType(element, limits)),
        Gen.Select(Gen.OneOf("i32", "i64", "f32", "f64", "funcref", "externref"),
            Gen.Bool, (value, mutable) => (ExternType)new GlobalType(value, mutable)));

    [Test]
    public void What_is_shown_of_a_type_can_be_written() => Types.Sample(type => type == type switch
    {
        MemoryType => ExternTypeText.Memory(type.ToString()),
        TableType => ExternTypeText.Table(type.ToString()),
        _ => (ExternType?)ExternTypeText.Global(type.ToString()),
    });

    [Test]
    public void What_is_shown_of_a_function_can_be_written()
    {
        var values = Gen.OneOf("i32", "i64", "f32", "f64", "v128", "funcref", "externref").Array[0, 4];
        Gen.Select(values, values, (parameters, results) => new FunctionType([.. parameters], [.. results]))
            .Sample(type => ExternTypeText.Function(type.ToString()) == type);
    }

    [Test]
    public void The_module_of_a_definition_exports_just_that() => Gen.Select(Types, Gen.Long).Sample((type, value) =>
    {
        var module = WasmInterfaceReader.Read(DefinitionModule.Write(new Definition(type, value)));
        return module.Imports.IsEmpty && module.Exports.SequenceEqual([new WasmExport(DefinitionModule.Export, type)]);
    });

    [Test]
    public void An_engine_takes_it_and_finds_the_value() => Gen.Select(Types, Gen.Int).Sample(
        (type, value) =>
        {
            using var engine = new Wasmtime.Engine();
            using var store = new Wasmtime.Store(engine);
            using var module = Wasmtime.Module.FromBytes(engine, "definition", DefinitionModule.Write(new Definition(type, value)));
            var instance = new Wasmtime.Instance(store, module);
            if (type is GlobalType { Value: "i32" or "i64" or "f32" or "f64" } global)
            {
                Assert.That(Convert.ToDouble(instance.GetGlobal(DefinitionModule.Export)!.GetValue(),
                    System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(global.Value == "f32" ? (double)(float)value : value));
            }
        },
        iter: 50,
        threads: 1);

    [Test]
    public void Only_what_can_be_defined_by_its_type_is() =>
        Assert.That(() => DefinitionModule.Write(new Definition(new FunctionType([], []))), Throws.ArgumentException);

    [TestCase("1..4", "1..4", true)]
    [TestCase("2..3", "1..4", true)]
    [TestCase("2..", "1..", true)]
    [TestCase("2..9", "1..", true)]
    [TestCase("0..4", "1..4", false)]
    [TestCase("1..5", "1..4", false)]
    [TestCase("1..", "1..4", false)]
    public void Limits_fit_as_the_specification_has_it(string given, string wanted, bool fit)
    {
        Assert.That(ImportMatching.Fits(ExternTypeText.Memory(given)!, ExternTypeText.Memory(wanted)!), Is.EqualTo(fit));
        Assert.That(ImportMatching.Fits(ExternTypeText.Table(given + " funcref")!, ExternTypeText.Table(wanted + " funcref")!),
            Is.EqualTo(fit));
        Assert.That(ImportMatching.Fits(ExternTypeText.Table(given + " funcref")!, ExternTypeText.Table(wanted + " externref")!), Is.False);
    }

    [Test]
    public void Everything_fits_itself_and_nothing_of_another_kind() =>
        Gen.Select(Types, Types).Sample((a, b) => ImportMatching.Fits(a, a) && (a.Kind == b.Kind || !ImportMatching.Fits(a, b)));
}
