using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Runtimes.Command;

namespace Conformance.Tests.Runtimes;

/// <summary>
/// What commands print where they fail, as they printed it, row by row: each text has its phase and its code, and no row of the manifest is
/// without one.
/// </summary>
[TestFixture]
[Category("Portable")]
public sealed class CommandWordsTests
{
    private const string Wasmtime = "Error: failed to run main module `m.wasm`\n\nCaused by:\n    0: failed to instantiate \"m.wasm\"\n    1: ";
    private const string WasmtimeInvoke = "Error: failed to run main module `m.wasm`\n\nCaused by:\n    0: failed to invoke command default\n    1: ";
    private const string WasmtimeTrace = "error while executing at wasm backtrace:\n           0:     0x2c - m!main\n    2: ";

    private static readonly (string Runtime, string Text, string Outcome)[] Examples =
    [
        ("wazero", "error compiling wasm binary: import[0]: invalid byte for importdesc: 0x7e", "compile unsupported-feature compact-imports"),
        ("wazero", "error compiling wasm binary: tag section not supported as feature \"exception-handling\" is disabled",
            "compile unsupported-feature exception-handling"),
        ("wazero", "error compiling wasm binary: section memory: shared memory requested but threads feature not enabled",
            "compile unsupported-feature threads"),
        ("wazero", "error compiling wasm binary: section memory: at most one memory allowed in module, but read 2",
            "compile unsupported-feature multi-memory"),
        ("wazero", "error compiling wasm binary: import[0] memory[env.memory]: invalid byte for limits: 0x5 not in (0x00, 0x01, 0x02, 0x03)",
            "compile unsupported-feature memory64"),
        ("wazero", "error compiling wasm binary: section memory: invalid byte for limits: 0x8 not in (0x00, 0x01, 0x02, 0x03)",
            "compile unsupported-feature custom-page-sizes"),
        ("wazero", "error compiling wasm binary: section type: read 0-th type: invalid byte: 0x5e != 0x60", "compile unsupported-feature gc"),
        ("wazero", "error compiling wasm binary: section type: read 0-th type: invalid byte: 0x99 != 0x60", "compile malformed"),
        ("wazero", "error instantiating wasm binary: module[env] not instantiated", "link unknown-module"),
        ("wazero", "error instantiating wasm binary: \"nobody\" is not exported in module \"wasi_snapshot_preview1\"", "link unknown-import"),
        ("wazero", "error instantiating wasm binary: export fd_write in module wasi_snapshot_preview1 is a func, not a global",
            "link incompatible-kind"),
        ("wazero", "error instantiating wasm binary: import func[wasi_snapshot_preview1.clock_res_get]: signature mismatch: i32_i64 != i32i32_i32",
            "link incompatible-type"),
        ("wazero", "error instantiating wasm binary: start function[0] failed: wasm error: integer divide by zero",
            "start trap:integer divide by zero"),
        ("wazero", "error instantiating wasm binary: data[0]: out of bounds memory access", "start trap:out of bounds memory access"),
        ("wazero", "error instantiating wasm binary: module[] function[_start] failed: wasm error: invalid table access",
            "run trap:undefined element"),
        ("wazero", "error instantiating wasm binary: module[] function[_start] failed: wasm error: indirect call type mismatch",
            "run trap:indirect call type mismatch"),
        ("wazero", "error instantiating wasm binary: module[] function[_start] failed: stack overflow", "run trap:call stack exhausted"),
        ("wazero", "error instantiating wasm binary: module[] function[_start] failed: expected 1 params, but passed 0", "run no-entry"),
        ("wazero", "error reading wasm binary: nobody.wasm", "run unmapped"),
        ("wazero", "fatal error: runtime: out of memory", "run resource-exhausted"),

        ("wasmtime-cli", "Error: failed to parse WebAssembly module\n\nCaused by:\n    0: invalid leading byte 0x7E with compact imports proposal disabled (at offset 0x25)",
            "compile unsupported-feature compact-imports"),
        ("wasmtime-cli", "Error: failed to parse WebAssembly module\n\nCaused by:\n    array indexed types not supported without the gc feature (at offset 0xb)",
            "compile unsupported-feature gc"),
        ("wasmtime-cli", "Error: failed to parse WebAssembly module\n\nCaused by:\n    the custom page sizes proposal must be enabled to customize a memory's page size (at offset 0x15)",
            "compile unsupported-feature custom-page-sizes"),
        ("wasmtime-cli", "Error: failed to compile: wasm[0]::function[0]\n\nCaused by:\n    0: WebAssembly translation error\n    1: Invalid input WebAssembly code at offset 58: legacy_exceptions feature required for try instruction",
            "compile unsupported-feature legacy-exceptions"),
        ("wasmtime-cli", "Error: failed to parse WebAssembly module\n\nCaused by:\n    SIMD support is not enabled (at offset 0x15)",
            "compile unsupported-feature simd"),
        ("wasmtime-cli", "Error: failed to parse WebAssembly module\n\nCaused by:\n    multiple memories (at offset 0x10)",
            "compile unsupported-feature multi-memory"),
        ("wasmtime-cli", "Error: failed to compile: wasm[0]::function[0]\n\nCaused by:\n    0: WebAssembly translation error\n    1: Invalid input WebAssembly code at offset 36: type mismatch: expected i32 but nothing on stack",
            "compile malformed"),
        ("wasmtime-cli", Wasmtime + "unknown import: `env::f` has not been defined", "link unknown-import"),
        ("wasmtime-cli", Wasmtime + "expected memory, but found func", "link incompatible-kind"),
        ("wasmtime-cli", Wasmtime + "incompatible import type for `wasi_snapshot_preview1::clock_res_get`", "link incompatible-type"),
        ("wasmtime-cli", Wasmtime + "Cannot allocate memory (os error 12)", "link resource-exhausted"),
        ("wasmtime-cli", Wasmtime + "shared memory support is disabled for this engine -- see `Config::shared_memory`",
            "link unsupported-feature threads"),
        ("wasmtime-cli", Wasmtime + "wasm trap: undefined element: out of bounds table access", "start trap:out of bounds table access"),
        ("wasmtime-cli", Wasmtime + WasmtimeTrace + "wasm trap: wasm `unreachable` instruction executed", "start trap:unreachable"),
        ("wasmtime-cli", WasmtimeInvoke + WasmtimeTrace + "wasm trap: integer divide by zero", "run trap:integer divide by zero"),
        ("wasmtime-cli", WasmtimeInvoke + "wasm trap: call stack exhausted", "run trap:call stack exhausted"),
        ("wasmtime-cli", WasmtimeInvoke + WasmtimeTrace + "thrown Wasm exception", "run uncaught-exception"),
        ("wasmtime-cli", WasmtimeInvoke + WasmtimeTrace + "exit with invalid exit status outside of [0..126)", "run invalid-exit"),
        ("wasmtime-cli", WasmtimeInvoke + WasmtimeTrace + "In func wasi_snapshot_preview1::clock_time_get at convert Clockid: Invalid enum value Clockid",
            "run wasi-fault"),
        ("wasmtime-cli", "Error: failed to run main module `m.wasm`\n\nCaused by:\n    not enough arguments for command default", "run no-entry"),
        ("wasmtime-cli", "Error: something that nobody knows", "run unmapped"),
    ];

    [TestCaseSource(nameof(Texts))]
    public void A_text_has_its_code(string runtime, string text, string outcome)
    {
        var found = CommandFailures.Find(Repository.Runtime(runtime).Command!, End(text))!.Outcome;
        Assert.That($"{found.Phase.Word()} {found.Code}", Is.EqualTo(outcome));
    }

    [TestCase("wazero")]
    [TestCase("wasmtime-cli")]
    public void No_row_is_without_a_text(string runtime)
    {
        var outcomes = Repository.Runtime(runtime).Command!.Outcomes;
        var found = Examples.Where(example => example.Runtime == runtime)
            .Select(example => outcomes.IndexOf(outcomes.First(outcome => CommandFailures.Match(outcome.Words, example.Text)?.Success == true)));
        Assert.That(Enumerable.Range(0, outcomes.Length).Except(found).Select(row => outcomes[row].Words.ToString()), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Texts() =>
        Examples.Select(example => new TestCaseData(example.Runtime, example.Text, example.Outcome));

    private static CommandEnd End(string text) => new(1, CapturedText.Empty, new CapturedText(text, text.Length, false), 0);
}
