using System.Text.Json;
using Conformance.Machine;
using Conformance.Model.Observations;

namespace Conformance.Tests.Runtimes;

/// <summary>What JavaScript engines say, row by row: each row's example has the row's code, and no other row's before it.</summary>
[TestFixture]
[Category("Portable")]
public sealed class JavaScriptWordsTests
{
    private static string Shared => Path.Combine(Repository.Runtimes, "javascript", "shared");

    [Test]
    public void Every_row_is_found_by_its_example()
    {
        // For each row: its table, its number, what its example is taken for, and what it stands for.
        var rows = JsonSerializer.Deserialize<List<Row>>(Evaluate("""
            import * as tables from "./words.js";
            import { compileCode, linkCode, runCode } from "./outcomes.js";
            const errors = {
              TRAPS: text => runCode(new WebAssembly.RuntimeError(text)),
              LINKS: text => linkCode(new WebAssembly.LinkError(text), [], () => true),
              FEATURES: text => compileCode(text),
              UNPASSABLE: text => runCode(new TypeError(text)),
              MISTYPED: text => runCode(new TypeError(text)),
            };
            const rows = Object.entries(tables).flatMap(([table, all]) => all.map((row, number) => ({
              table, number,
              code: errors[table](row.at(-1)),
              expected: row.length === 4 && table !== "FEATURES" ? row[2] : null,
            })));
            console.log(JSON.stringify(rows));
            """), JsonSerializerOptions.Web)!;
        Assert.That(rows, Has.Count.GreaterThan(45));
        using (Assert.EnterMultipleScope())
        {
            foreach (var row in rows)
            {
                Assert.That(OutcomeCodes.IsCode(row.Code) && row.Code != OutcomeCodes.Unmapped, $"{row.Table} {row.Number}: {row.Code}");
                if (row.Expected is not null) Assert.That(row.Code, Is.EqualTo(row.Expected), $"{row.Table} {row.Number}");
            }
        }
    }

    [TestCase("CompileError: WebAssembly.Module(): Unknown type code 0x5f, enable with --experimental-wasm-gc @+11", "gc")]
    [TestCase("invalid value type 'stringref', enable with --experimental-wasm-stringref @+16", "function-references")]
    [TestCase("simd opcode not available, enable with --experimental-relaxed-simd @+30", "relaxed-simd")]
    [TestCase("Invalid opcode 0xfc16 (enable with --experimental-wasm-wide_arithmetic) @+31", "wide-arithmetic")]
    [TestCase("core stack switching not enabled (enable with --experimental-wasm-wasmfx) @+14", "stack-switching")]
    [TestCase("descriptor types need --experimental-wasm-custom-descriptors @+13", "custom-descriptors")]
    [TestCase("Invalid opcode 0xfd100 @+31", "relaxed-simd")]
    [TestCase("Compiling function #0 failed: invalid numeric opcode: 0xfc16 @+31", "wide-arithmetic")]
    [TestCase("Invalid opcode 0xff @+31", null)]
    [TestCase("invalid memory limits flags 0x8 @+11", "custom-page-sizes")]
    [TestCase("invalid memory limits flags 0x10 @+11", null)]
    [TestCase("at offset 12: unexpected bits set in flags: 8", "custom-page-sizes")]
    [TestCase("at offset 12: unrecognized opcode: ff", null)]
    [TestCase("opcode i32.div_s is not allowed in constant expressions @+14", null)]
    [TestCase("WebAssembly.Module doesn't parse at byte 12: resizable limits flag are not valid 08", "custom-page-sizes")]
    [TestCase("invalid memory limits flags 0x9 (enable with --experimental-wasm-something-new)", "")]
    public void A_proposal_that_is_off_is_named(string text, string? proposal)
    {
        var code = Evaluate($$"""
            import { compileCode } from "./outcomes.js";
            console.log(compileCode({{JsonSerializer.Serialize(text)}}));
            """);
        Assert.That(code, Is.EqualTo(proposal switch
        {
            null => OutcomeCodes.Malformed,
            "" => OutcomeCodes.UnsupportedFeature,
            _ => OutcomeCodes.Unsupported(proposal),
        }));
    }

    private static string Evaluate(string script)
    {
        // A file beside the modules would be a file of the project's.
        var text = script.Replace("\"./", $"\"{new Uri(Shared + "/")}", StringComparison.Ordinal);
        var run = ToolRun.Run("node", ["--input-type=module", "--eval", text]);
        Assert.That(run.Exit, Is.Zero, run.Errors);
        return run.Output.Trim();
    }

    private sealed record Row(string Table, int Number, string Code, string? Expected);
}
