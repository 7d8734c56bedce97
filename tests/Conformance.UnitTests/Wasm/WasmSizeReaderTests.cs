using Conformance.Manifests;
using Conformance.Wasm;

namespace Conformance.UnitTests.Wasm;

/// <summary>What takes the space in a module.</summary>
[TestFixture]
public sealed class WasmSizeReaderTests
{
    private const int Preamble = 8;

    [TestCaseSource(nameof(Modules))]
    public void The_sections_are_the_whole_module_and_the_functions_nearly_all_of_its_code(string id)
    {
        var bytes = File.ReadAllBytes(
            Repository.Module(id).WasmPath);
        var sizes = WasmSizeReader.Read(bytes);
        Assert.That(sizes.Sections.Sum(section => section.Bytes) + Preamble, Is.EqualTo(bytes.Length));
        var code = sizes.Sections.Single(section => section.Name == "code").Bytes;
        // What is left is the section's id, its size and the count: three numbers.
        Assert.That(code - sizes.Functions.Sum(function => function.Bytes), Is.InRange(3, 11));
    }

    [Test]
    public void Functions_have_the_names_of_the_name_section_else_of_exports_else_their_index()
    {
        var bytes = Wasmtime.Module.ConvertText(
            """(module (import "env" "f" (func)) (func (export "outside") nop) (func $inside nop nop) (func))""");
        Assert.That(WasmSizeReader.Read(bytes).Functions,
            Is.EqualTo(new WasmPart[] { new("outside", 4), new("inside", 5), new("function 3", 3) }));
    }

    [Test]
    public void What_is_no_module_is_refused() =>
        Assert.That(() => WasmSizeReader.Read("hello, world"u8), Throws.TypeOf<WasmFormatException>());

    private static IEnumerable<string> Modules() => ModuleManifestReader.ReadAll(Repository.Modules).Select(m => m.Id);
}
