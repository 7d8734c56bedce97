using System.Collections.Immutable;
using Conformance.Wasm;
using CsCheck;
using Wasmtime;

namespace Conformance.UnitTests.Wasm;

[TestFixture]
public sealed class WasmInterfaceReaderTests
{
    private static readonly Gen<string> ValueTypes = Gen.OneOf("i32", "i64", "f32", "f64", "v128", "funcref", "externref");

    private static readonly Gen<FunctionType> Functions =
        Gen.Select(ValueTypes.Array[0, 5], ValueTypes.Array[0, 3],
            (parameters, results) => new FunctionType([.. parameters], [.. results]));

    private static readonly Gen<Limits> AnyLimits = Gen.Select(Gen.Bool,
        Gen.Bool, Gen.ULong, Gen.ULong, (wide, bounded, minimum, maximum) =>
        wide ? new Limits(minimum, bounded ? maximum : null, true) : new Limits((uint)minimum, bounded ? (uint)maximum : null, false));

    private static readonly Gen<ExternType> Types = Gen.OneOf<ExternType>(
        Functions.Select(f => (ExternType)f),
        Gen.Select(Gen.OneOf("funcref", "externref"), AnyLimits, (element, limits) => (ExternType)new TableType(element, limits)),
        Gen.Select(AnyLimits, Gen.Bool, Gen.UInt[0, 16], (limits, shared, page) => (ExternType)new MemoryType(limits, shared, page)),
        Gen.Select(ValueTypes, Gen.Bool, (value, mutable) => (ExternType)new GlobalType(value, mutable)),
        Functions.Select(f => (ExternType)new TagType(f)));

    /// <summary>Few names, so that duplicates are common.</summary>
    private static readonly Gen<string> Names = Gen.OneOf(Gen.OneOf("env", "main.incrementCount", "", "☃"),
        Gen.String[Gen.Char.AlphaNumeric, 0, 12]);

    /// <summary>(module (type (func (param i32))) (import ...)): the imports as a section has them, and what they are.</summary>
    private static readonly (string Section, string Imports)[] CompactSections =
    [
        // Three of one module: a function, a memory, and a nameless function.
        ("01 03 65 6e 76 00 7f 03 01 61 00 00 01 62 02 00 01 00 00 00", "env::a (i32) -> (); env::b 1..; env:: (i32) -> ()"),
        // Two of one type.
        ("01 03 65 6e 76 00 7e 00 00 02 01 61 01 62", "env::a (i32) -> (); env::b (i32) -> ()"),
        // One as ever, whose name is empty, and a group of none.
        ("02 03 65 6e 76 00 00 00 03 65 6e 76 00 7f 00", "env:: (i32) -> ()"),
    ];

    [TestCaseSource(nameof(CompactSections))]
    public void Several_imports_may_stand_under_one_name_or_one_type((string Section, string Imports) its)
    {
        var section = Convert.FromHexString(its.Section.Replace(" ", "", StringComparison.Ordinal));
        byte[] module = [.. "\0asm"u8, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x7f, 0, 2, (byte)section.Length, .. section];
        var read = WasmInterfaceReader.Read(module).Imports;
        Assert.That(string.Join("; ", read.Select(import => $"{import.Module}::{import.Name} {import.Type}")), Is.EqualTo(its.Imports));
        // What is renamed is written one by one, and is the same otherwise.
        Assert.That(WasmInterfaceReader.Read(ImportRenaming.Rename(module, _ => null)).Imports, Is.EqualTo(read));
    }

    [TestCase("01 03 65 6e 76 01 61 7f 00", "unknown import kind 0x7f")]
    [TestCase("01 03 65 6e 76 00 7d 00", "unknown import kind 0x7d")]
    [TestCase("01 03 65 6e 76 00 7e 00 00 7f", "import count 127 is more than the bytes left")]
    public void A_group_of_imports_that_is_none_is_refused(string section, string problem)
    {
        var bytes = Convert.FromHexString(section.Replace(" ", "", StringComparison.Ordinal));
        byte[] module = [.. "\0asm"u8, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x7f, 0, 2, (byte)bytes.Length, .. bytes];
        Assert.That(Assert.Throws<WasmFormatException>(() => WasmInterfaceReader.Read(module))!.Message, Does.Contain(problem));
    }

    [Test]
    public void Imports_are_renamed_by_their_places_and_nothing_else_changes() =>
        Gen.Select(Gen.Select(Names, Names, Types, (module, name, type) => new WasmImport(module, name, type)).Array[0, 8], Gen.Int, Names)
            .Sample((imports, which, name) =>
            {
                if (ImportModule.Write([.. imports], enterable: true) is not { } bytes) return;
                bool Renamed(int i) => (which >> i & 1) == 1;
                var renamed = ImportRenaming.Rename(bytes, i => Renamed(i) ? ("other", $"{name} {i}") : null);
                var (before, after) = (WasmInterfaceReader.Read(bytes), WasmInterfaceReader.Read(renamed));
                Assert.That(after.Imports, Is.EqualTo(before.Imports.Select((import, i) =>
                    Renamed(i) ? import with { Module = "other", Name = $"{name} {i}" } : import)));
                Assert.That(after.Exports, Is.EqualTo(before.Exports));
                Assert.That(ImportRenaming.Rename(renamed, i => (before.Imports[i].Module, before.Imports[i].Name)), Is.EqualTo(bytes));
            });

    [TestCase(0, "", false)]
    [TestCase(1, "(export \"_start\" (func 0))", false)]
    [TestCase(2, "(export \"_start\" (func 0))", true)]
    public void A_start_function_is_an_export_instead(int start, string exports, bool runs)
    {
        var bytes = Wasmtime.Module.ConvertText($"""
            (module (func) (func) (func unreachable) {exports} (start {start}) (memory 1) (data (i32.const 0) "x"))
            """);
        var changed = StartFunction.AsExport(bytes, "start it");
        var (before, after) = (WasmInterfaceReader.Read(bytes), WasmInterfaceReader.Read(changed));
        Assert.That((before.HasStart, after.HasStart), Is.EqualTo((true, false)));
        Assert.That(after.Exports.Select(export => export.Name), Is.EqualTo(before.Exports.Select(export => export.Name).Append("start it")));
        Assert.That(StartFunction.AsExport(changed, "again"), Is.EqualTo(changed), "it has none");
        using var engine = new Wasmtime.Engine();
        using var module = Wasmtime.Module.FromBytes(engine, "m", changed);
        using var store = new Wasmtime.Store(engine);
        var instance = new Wasmtime.Instance(store, module);
        var call = instance.GetAction("start it")!;
        Assert.That(() => call(), runs ? Throws.InstanceOf<Wasmtime.TrapException>() : Throws.Nothing);
    }

    private static readonly Gen<byte[]> Modules =
        Gen.Select(Names, Names, Types, (module, name, type) => new WasmImport(module, name, type)).Array[0, 8]
            .Select(imports => ImportModule.Write([.. imports], enterable: false)!);

    [Test]
    public void Reads_every_import_with_its_full_type_and_keeps_duplicates() =>
        Gen.Select(Names, Names, Types, (module, name, type) => new WasmImport(module, name, type)).Array[0, 8]
            .Sample(imports => WasmInterfaceReader.Read(ImportModule.Write([.. imports], enterable: true)!).Imports.SequenceEqual(imports));

    [Test]
    public void Any_bytes_give_an_interface_or_the_one_error_with_an_offset_inside_them() =>
        Gen.OneOf(Gen.Byte.Array[0, 200], Gen.Byte.Array[0, 100].Select(tail => (byte[])[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, .. tail]))
            .Sample(ReadsOrRefuses, iter: 20_000);

    [Test]
    public void Mutated_modules_give_an_interface_or_the_one_error() =>
        Gen.Select(Modules, Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[1, 6], (module, changes) =>
        {
            var mutated = module.ToArray();
            foreach (var (at, value) in changes) mutated[at % mutated.Length] = value;
            return mutated;
        }).Sample(ReadsOrRefuses, iter: 20_000);

    [Test]
    public void A_module_cut_anywhere_gives_an_interface_or_the_one_error() =>
        Gen.Select(Modules, Gen.Int[0, 400], (module, at) => module[..Math.Min(at, module.Length)]).Sample(ReadsOrRefuses);

    [TestCaseSource(nameof(CommittedModules))]
    public void Agrees_with_wasmtime_on_every_module(string path)
    {
        using var engine = new global::Wasmtime.Engine();
        using var module = Module.FromFile(engine, path);
        var ours = WasmInterfaceReader.Read(File.ReadAllBytes(path));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ours.Imports.Select(i => $"{i.Module}::{i.Name} {i.Type}"),
                Is.EqualTo(module.Imports.Select(i => $"{i.ModuleName}::{i.Name} {Type(i)}")));
            Assert.That(ours.Exports.Select(e => e.Name), Is.EqualTo(module.Exports.Select(e => e.Name)));
            Assert.That(
                ours.Exports.Select(e => e.Type).OfType<FunctionType>().Select(t => t.ToString()),
                Is.EqualTo(module.Exports.OfType<FunctionExport>().Select(e => $"({Kinds(e.Parameters)}) -> ({Kinds(e.Results)})")));
        }
    }

    [Test]
    public void The_net_http_client_has_the_articles_21_imports()
    {
        var imports = WasmInterfaceReader.Read(
            File.ReadAllBytes(Path.Combine(Repository.Modules, "net-http-2022", "net-http-2022.wasm"))).Imports;
        Assert.That(imports, Has.Length.EqualTo(21));
        Assert.That(imports.Where(i => i.Module == "env").Select(i => $"{i.Name} {i.Type}"), Is.EqualTo(new[]
        {
            "time.resetTimer (i32, i64, i32) -> (i32)",
            "time.stopTimer (i32, i32) -> (i32)",
            "time.startTimer (i32, i32) -> ()",
            "sync/atomic.AddInt32 (i32, i32, i32) -> (i32)",
        }));
    }

    [Test]
    public void Gc_and_typed_reference_types_are_read_past()
    {
        // rec { sub (struct (mut i32) i8), sub final 0 (array (ref null 0)) }, func (ref 0) (ref null func) -> eqref; an import of type 2
        byte[] types =
        [
            0x02,
            0x4e, 0x02,
            0x50, 0x00, 0x5f, 0x02, 0x7f, 0x01, 0x78, 0x00,
            0x4f, 0x01, 0x00, 0x5e, 0x63, 0x00, 0x01,
            0x60, 0x02, 0x64, 0x00, 0x63, 0x70, 0x01, 0x6d,
        ];
        byte[] imports = [0x01, .. WasmEncoding.Name("env"), .. WasmEncoding.Name("f"), 0x00, 0x02];
        var read = WasmInterfaceReader.Read(
            [.. WasmEncoding.Preamble, .. WasmEncoding.Section(1, types), .. WasmEncoding.Section(2, imports)]);
        Assert.That(read.Imports[0].Type.ToString(), Is.EqualTo("((ref 0), (ref null func)) -> (eqref)"));
    }

    [Test]
    public void Wasmtimes_text_format_with_gc_and_exceptions_reads_back()
    {
        var bytes = Module.ConvertText("""
            (module
              (rec (type $node (sub (struct (field (mut (ref null $node))) (field i16)))) (type $list (array (mut (ref $node)))))
              (type $f (func (param (ref null $node) (ref extern)) (result i31ref)))
              (import "env" "f" (func (type $f)))
              (import "env" "t" (tag (param i32)))
              (import "env" "m" (memory i64 1 2))
              (import "env" "s" (memory 1 2 shared))
              (import "env" "g" (global (mut (ref null $list))))
              (global (export "made") (ref null $list) (array.new_default $list (i32.const 3)))
              (table (export "table") 2 funcref)
              (func (export "run") (result i32) (i32.const 1)))
            """);
        var read = WasmInterfaceReader.Read(bytes);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Imports.Select(i => $"{i.Name} {i.Type.Kind} {i.Type}"), Is.EqualTo(new[]
            {
                "f Func ((ref null 0), (ref extern)) -> (i31ref)",
                "t Tag (i32) -> ()",
                "m Memory 1..2 i64",
                "s Memory 1..2 shared",
                "g Global mut (ref null 1)",
            }));
            Assert.That(read.Exports.Select(e => $"{e.Name} {e.Type}"),
                Is.EqualTo(new[] { "made (ref null 1)", "table 2.. funcref", "run () -> (i32)" }));
        }
    }

    [TestCase("hello, world", 0, "not a wasm module")]
    [TestCase("", 0, "not a wasm module")]
    [TestCase("\0asm\x02\0\0\0", 4, "unknown binary version 2")]
    [TestCase("\0asm\x0d\0\x01\0", 4, "a component")]
    [TestCase("\0asm\x01\0\0\0\x02\x7f", 10, "unexpected end")]
    [TestCase("\0asm\x01\0\0\0\x63\0", 8, "unknown section id 99")]
    public void Tells_what_is_wrong_and_where(string bytes, int offset, string problem)
    {
        var error = Assert.Throws<WasmFormatException>(() => WasmInterfaceReader.Read([.. bytes.Select(c => (byte)c)]))!;
        Assert.That(error.Message, Does.Contain(problem));
        Assert.That(error.Offset, Is.EqualTo(offset));
    }

    [Test]
    public void A_vector_longer_than_the_file_is_refused_before_anything_is_made_for_it()
    {
        byte[] bytes = [.. WasmEncoding.Preamble, .. WasmEncoding.Section(1, [0xff, 0xff, 0xff, 0xff, 0x0f])];
        Assert.That(() => WasmInterfaceReader.Read(bytes),
            Throws.TypeOf<WasmFormatException>().With.Message.Contains("more than the bytes left"));
    }

    private static IEnumerable<TestCaseData> CommittedModules() =>
        Directory.GetFiles(Repository.Modules, "*.wasm", SearchOption.AllDirectories)
            .Order().Select(path => new TestCaseData(path).SetArgDisplayNames(Path.GetFileNameWithoutExtension(path)));

    private static bool ReadsOrRefuses(byte[] bytes)
    {
        try
        {
            _ = WasmInterfaceReader.Read(bytes);
            return true;
        }
        catch (WasmFormatException e)
        {
            return e.Offset >= 0 && e.Offset <= bytes.Length;
        }
    }

    private static string Type(Import import) => import switch
    {
        FunctionImport f => $"({Kinds(f.Parameters)}) -> ({Kinds(f.Results)})",
        MemoryImport m => $"{m.Minimum}..{m.Maximum}{(m.Is64Bit ? " i64" : "")}",
        _ => "another kind",
    };

    private static string Kinds(IEnumerable<ValueKind> kinds) => string.Join(", ", kinds.Select(kind => kind switch
    {
        ValueKind.Int32 => "i32",
        ValueKind.Int64 => "i64",
        ValueKind.Float32 => "f32",
        ValueKind.Float64 => "f64",
        _ => kind.ToString(),
    }).ToImmutableArray());
}
