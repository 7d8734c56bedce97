using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Conformance.Engine.Origins;
using Conformance.Wasm;

namespace Conformance.Tests.CommandLine;

/// <summary><c>conformance imports</c> on files without a manifest: the ledger of every runtime, in three forms, and a sentence.</summary>
[TestFixture]
public sealed class ImportsCommandTests
{
    private static readonly string NetHttp = Path.Combine(Repository.Modules, "net-http-2022", "net-http-2022.wasm");

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Json_is_an_array_with_an_entry_per_runtime()
    {
        var result = await Command.RunAsync("imports", NetHttp, "-r", "wasmtime", "-r", "chromium", "--format", "json");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var answers = JsonNode.Parse(result.Output)!.AsArray();
        Assert.That(answers.Select(a => (string?)a!["runtime"]), Is.EqualTo(new[] { "chromium", "wasmtime" }));
        Available(answers[0]!, "chromium");
        var wasmtime = answers[1]!["imports"]!.AsArray();
        Assert.That(wasmtime, Has.Count.EqualTo(21));
        var reset = wasmtime.Single(i => (string?)i!["name"] == "time.resetTimer")!;
        Assert.That(
            ((string?)reset["module"], (string?)reset["kind"],
                (string?)reset["type"], (string?)reset["provider"], (string?)reset["code"], (string?)reset["text"]),
            Is.EqualTo(("env", "func", "(i32, i64, i32) -> (i32)",
                "missing", "unknown-import", "unknown import: `env::time.resetTimer` has not been defined")));
        Assert.That(wasmtime.Count(i => i!["code"] is null), Is.EqualTo(17));
        Assert.That(answers[0]!["imports"]!.AsArray().Count(i => (string?)i!["code"] == "unchecked"),
            Is.EqualTo(17), "a page's host functions are never checked");
    }

    [Test]
    public async Task A_person_is_told_once_what_is_refused_in_the_runtimes_words()
    {
        var result = await Command.RunAsync("imports", NetHttp, "-r", "wasmtime", "-r", "node");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output,
            Does.Contain("wasmtime: 17 of 21 imports provided by wasi\n  4 imports of env: unknown-import: has not been defined\n"));
        if (!result.Output.Contains("not asked: node", StringComparison.Ordinal))
            Assert.That(result.Output, Does.Contain("node: 17 of 21 imports provided by wasi; types are not checked\n  4 imports of env: unknown-import: function import requires a callable\n").And.EndsWith("links nowhere here"));
    }

    [Test]
    public async Task Runtimes_that_answer_alike_are_told_of_together()
    {
        var result = await Command.RunAsync("imports", Write("""(module (import "env" "only" (func)))"""), "-r", "node", "-r", "node-cli");
        if (result.Output.Contains("not asked", StringComparison.Ordinal)) Assert.Inconclusive(result.Output);
        Assert.That(result.Output, Is.EqualTo("node, node-cli: 0 of 1 imports provided\n  env::only: unknown-import: function import requires a callable\nlinks nowhere here"));
    }

    [Test]
    public async Task All_is_told_of_each_and_in_a_sentence_and_what_to_do()
    {
        var result = await Command.RunAsync("imports", NetHttp, "-r", "wasmtime", "--explain", "--all");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output,
            Does.Contain("wasmtime: env::time.resetTimer: unknown-import: unknown import: `env::time.resetTimer` has not been defined")
            .And.Contain("links nowhere here; on wasmtime 4 of 21 imports are missing: env::time.resetTimer, env::time.stopTimer,")
            .And.Contain("links nowhere here"));
        Assert.That(string.Join(' ', result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), Does.Contain(
            "Go's own runtime, left over by TinyGo of 2022 (0.22) here: no runtime that was asked provides it what to do: rebuild it with TinyGo"));
    }

    [Test]
    public async Task Markdown_is_a_table()
    {
        var path = Write("""(module (import "wasi_snapshot_preview1" "fd_write" (func (param i64))) (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (import "a|b" "c" (global i32)))""");
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime", "--format", "markdown");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var lines = result.Output.Split('\n');
        Assert.That(lines[2], Does.StartWith("| import | type | wasmtime "));
        Assert.That(lines[3..8], Is.EqualTo(new[]
        {
            "| --- | --- | --- |",
            "| `the module` |  | **does not link** |",
            "| `wasi_snapshot_preview1::fd_write` | `func (i64) -> ()` | **incompatible-type: func (i32, i32, i32, i32) -> (i32)** |",
            "| `wasi_snapshot_preview1::sched_yield` | `func () -> (i32)` | wasi |",
            "| `a\\|b::c` | `global i32` | **unknown-import** |",
        }));
    }

    [Test]
    public async Task A_module_that_links_everywhere_says_so()
    {
        var result = await Command.RunAsync("imports",
            Write("""(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))"""), "-r", "wasmtime", "-r", "node");
        Assert.That(result.Output, Does.Contain("links on node, wasmtime").Or.Contain("not asked: node"), result.Error);
    }

    [Test]
    public async Task What_is_no_module_or_not_there_is_wrong_usage()
    {
        var text = _folder.Write("text.wasm", "hello");
        Assert.That((await Command.RunAsync("imports", text, "-r", "wasmtime")) is { ExitCode: 2, Error: var no }
            && no == $"conformance: {text}: text, and no module: it begins with \"hello\"\n", Is.True);
        Assert.That((await Command.RunAsync("imports", "/nowhere.wasm")).ExitCode, Is.EqualTo(2));
        Assert.That((await Command.RunAsync("imports", text, "-r", "nothing")).Error,
            Does.StartWith("conformance: no runtime matches \"nothing\""));
    }

    // What stands beside it, and what is exported, follows the import.
    [TestCase("wasi_snapshot_preview1::fd_write", "WASI preview 1")]
    [TestCase("wasi_snapshot_preview1::sock_open", "WasmEdge's sockets")]
    [TestCase("wasi_snapshot_preview1::sock_accept", "WASI preview 1")]
    [TestCase("wasi_snapshot_preview1::no_such", "nobody: WASI preview 1 has no function of that name")]
    [TestCase("wasi_unstable::fd_write", "WASI snapshot 0")]
    [TestCase("wasix_32v1::sock_open", "WASIX")]
    [TestCase("wasi::thread-spawn", "wasi-threads")]
    [TestCase("env::memory memory", "the memory of a program with wasi-threads", "wasi::thread-spawn")]
    [TestCase("wasi_ephemeral_nn::load", "wasi-nn")]
    [TestCase("wasi_ephemeral_crypto_common::options_open", "wasi-crypto")]
    [TestCase("wasi_experimental_http::req", "an experiment of 2020")]
    [TestCase("wasi-outbound-http::request", "Spin's SDK")]
    [TestCase("wasi:cli/run@0.2.0::run", "WASI 0.2")]
    [TestCase("wasm:js-string::concat", "built-in strings")]
    [TestCase("extism:host/env::alloc", "Extism's kernel")]
    [TestCase("extism:host/user::hello", "a host function of an Extism plug-in")]
    [TestCase("my:app/log@1.0.0::log", "another component")]
    [TestCase("__main_module__::cabi_realloc", "the canonical ABI")]
    [TestCase("gojs::runtime.ticks", "TinyGo's wasm_exec.js")]
    [TestCase("gojs::syscall/js.valueGet", "TinyGo's wasm_exec.js", "gojs::runtime.ticks")]
    [TestCase("gojs::syscall/js.valueGet", "Go's wasm_exec.js (GOOS=js)", "gojs::runtime.wasmExit")]
    [TestCase("go::runtime.wasmExit", "Go's wasm_exec.js (GOOS=js)")]
    [TestCase("env::time.resetTimer", "TinyGo of 2022")]
    [TestCase("env::sync/atomic.AddInt32", "TinyGo of 2022")]
    [TestCase("wbg::__wbg_log_1", "wasm-bindgen's generated JavaScript")]
    [TestCase("./my_app_bg.js::__wbindgen_throw", "wasm-bindgen's generated JavaScript")]
    [TestCase("__wbindgen_placeholder__::__wbindgen_describe", "wasm-bindgen, which was not run")]
    [TestCase("env::emscripten_resize_heap", "Emscripten's generated JavaScript")]
    [TestCase("env::__syscall_openat", "Emscripten's generated JavaScript")]
    [TestCase("env::abort", "Emscripten's generated JavaScript", "env::emscripten_resize_heap")]
    [TestCase("env::abort", "AssemblyScript's loader")]
    [TestCase("GOT.mem::stdout global", "Emscripten's dynamic linker")]
    [TestCase("env::__memory_base global", "Emscripten's dynamic linker")]
    [TestCase("asm2wasm::f64-rem", "fastcomp")]
    [TestCase("asyncify::start_unwind", "Asyncify")]
    [TestCase("a::b", "minified names")]
    [TestCase("env::proxy_log", "proxy-wasm, ABI 0.2.1", null, "proxy_abi_version_0_2_1")]
    [TestCase("env::proxy_log", "proxy-wasm, of an ABI that the module does not name")]
    [TestCase("env::opa_builtin0", "Open Policy Agent's SDKs")]
    [TestCase("env::memory memory", "Open Policy Agent's SDKs: the memory", "env::opa_abort")]
    [TestCase("javy_quickjs_provider_v1::eval_bytecode", "Javy's provider")]
    [TestCase("napi::napi_get_undefined", "Node-API")]
    [TestCase("env::napi_create_object", "Node-API")]
    [TestCase("wapc::__host_call", "waPC")]
    [TestCase("dart2wasm::_1", "Dart's generated JavaScript")]
    [TestCase("js_code::kotlin.io.println", "Kotlin/Wasm's generated JavaScript")]
    [TestCase("spectest::print_char", "MoonBit's runtime")]
    [TestCase("env::mono_wasm_add_dbg_command_received", ".NET")]
    [TestCase("env::main.incrementCount", "the embedding program")]
    [TestCase("env::memory memory", "the embedding program, which makes the memory")]
    public void An_import_tells_who_normally_provides_it(string import, string who, string? beside = null, string? export = null)
    {
        var (its, others) = (Import(import), beside is null ? Array.Empty<WasmImport>() : [Import(beside)]);
        var origin = ImportOrigins.Find(its, new WasmInterface([its, .. others],
            export is null ? [] : [new WasmExport(export, new FunctionType([], []))], false, false))!;
        Assert.That(origin.Who, Does.Contain(who));
        Assert.That(Uri.TryCreate(origin.Link, UriKind.Absolute, out _), Is.True);

        static WasmImport Import(string text)
        {
            var (name, kind) = text.Split(' ') is [var plain, var word] ? (plain, word) : (text, "func");
            var at = name.LastIndexOf("::", StringComparison.Ordinal);
            return new WasmImport(name[..at], name[(at + 2)..], kind switch
            {
                "memory" => new MemoryType(new Limits(1, null, false), false),
                "global" => new GlobalType("i32", false),
                _ => new FunctionType([], []),
            });
        }
    }

    [Test]
    public void Of_a_name_that_tells_nothing_nothing_is_said()
    {
        var import = new WasmImport("my_app", "log", new FunctionType([], []));
        Assert.That(ImportOrigins.Find(import, new WasmInterface([import], [], false, false)), Is.Null);
    }

    [Test]
    public async Task Why_an_import_is_there_is_who_calls_it()
    {
        var path = Write("""
            (module (import "env" "x" (func $x)) (import "env" "unused" (func))
              (func $helper (call $x)) (func $main (call $helper)) (func $_start (export "_start") (call $main)))
            """);
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime", "--why", "env::x", "--why", "env::unused");
        Assert.That(result.Output, Does.EndWith(
            "env::x is called by\n  _start (exported) → main → helper → x\n\nenv::unused: no function of the module calls it"), result.Error);
        var none = await Command.RunAsync("imports", path, "-r", "wasmtime", "--why", "env::nobody");
        Assert.That((none.ExitCode, none.Error), Is.EqualTo((2, $"conformance: --why env::nobody: {path} imports nothing of that name\n")));
    }

    /// <summary>What the table says of a runtime comes before what is known of it.</summary>
    [Test]
    public async Task A_runtime_that_refuses_an_import_is_no_advice_for_it()
    {
        var path = Write("""
            (module (import "wasi_snapshot_preview1" "sock_accept" (func (param i32) (result i32)))
              (import "env" "memory" (memory 1)) (export "memory" (memory 0)))
            """);
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime", "-r", "node", "--explain");
        Assert.That(result.Output, Does.Contain("here: provided by node").And.Not.Contain("linker.DefineWasi"));
        Assert.That(result.Output, Does.Contain("[imports.\"env\".\"memory\"] memory = \"1..\""));
    }

    [Test]
    public async Task One_runtime_that_does_not_compile_it_is_a_column_and_the_others_answer()
    {
        var path = Write("""(module (import "env" "a" (memory 1)) (import "env" "b" (memory 1)) (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))""");
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime", "-r", "node", "--format", "json");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        foreach (var answer in JsonNode.Parse(result.Output)!.AsArray())
        {
            Available(answer!, (string)answer!["runtime"]!);
            var rows = answer["imports"]!.AsArray().ToDictionary(row => (string)row!["name"]!, row => (string?)row!["code"]);
            Assert.That(rows["a"], Is.EqualTo("unknown-import"), result.Output);
            Assert.That(rows["b"], Is.EqualTo("unknown-import"), result.Output);
            Assert.That(rows["sched_yield"], Is.AnyOf(null, "unchecked"), result.Output);
            Assert.That((bool)answer["links"]!, Is.False);
            Assert.That((string)answer["module"]!["phase"]!, Is.AnyOf("compile", "link"));
        }
    }

    /// <summary>Its type needs a proposal, or can't be given by anybody: that is its own affair.</summary>
    [TestCase("(global (ref func))")]
    [TestCase("(func (param exnref))")]
    [TestCase("(tag (param i32))")]
    [TestCase("(memory i64 1)")]
    [TestCase("(func (param (ref null struct)))")]
    public async Task An_import_of_a_type_that_not_all_know_takes_no_others_answer(string type)
    {
        var path = Write($"""
            (module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (import "env" "special" {type})
              (import "env" "nobody" (func)))
            """);
        var result = await Command.RunAsync("imports", path, "--format", "json");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        foreach (var answer in JsonNode.Parse(result.Output)!.AsArray().Where(answer => answer!["unavailable"] is null))
        {
            var rows = answer!["imports"]!.AsArray().ToDictionary(row => (string)row!["name"]!, row => (string?)row!["code"]);
            Assert.That(rows.Keys, Is.EqualTo(new[] { "sched_yield", "special", "nobody" }), answer.ToJsonString());
            Assert.That(rows["sched_yield"], Is.AnyOf(null, "unchecked"), answer.ToJsonString());
            Assert.That(rows["nobody"], Is.AnyOf("unknown-import", "unknown-module", "unchecked"), answer.ToJsonString());
            Assert.That(rows["special"], Is.Not.Null.And.Not.EqualTo("unmapped"), answer.ToJsonString());
        }
    }

    [Test]
    public async Task What_does_not_compile_links_nowhere_however_its_imports_are()
    {
        // (func (result i32)) with an empty body, and an import that everybody has.
        byte[] invalid = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 2, 38, 1, 22, .. "wasi_snapshot_preview1"u8,
            11, .. "sched_yield"u8, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b];
        var path = _folder.Sub("invalid.wasm");
        File.WriteAllBytes(path, invalid);
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime");
        Assert.That(result.Output, Does.Contain("wasmtime: does not compile (malformed): ")
            .And.Contain("wasmtime: all 1 imports provided by wasi").And.Contain("links nowhere here; does not compile (malformed) on wasmtime"));
        Assert.That(result.ExitCode, Is.Zero);
    }

    [Test]
    public async Task Nothing_of_the_module_is_run()
    {
        var path = Write("""
            (module (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 1)
              (func $s unreachable) (start $s) (func (export "_start") (call $e (i32.const 7))) (func (export "_initialize") unreachable))
            """);
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime");
        Assert.That(result.Output, Does.EndWith("links on wasmtime"), result.Error);
    }

    [TestCase("wasmtime", true, 0, "")]
    [TestCase("wasmtime", false, 1, "conformance: the module must link on wasmtime, and does not")]
    [TestCase("nobody", true, 2, "conformance: --require nobody: it is not among the runtimes that are asked")]
    public async Task It_may_be_required_to_link(string required, bool links, int exit, string words)
    {
        var path = Write(links ? "(module)" : """(module (import "env" "f" (func)))""");
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime", "--require", required);
        Assert.That((result.ExitCode, result.Error.Trim()), Is.EqualTo((exit, words)));
    }

    [Test]
    public async Task Compressed_modules_are_taken_as_they_come()
    {
        var module = Wasmtime.Module.ConvertText("""(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))""");
        foreach (var (name, pack) in new (string, Func<Stream, Stream>)[]
            { ("m.wasm.gz", to => new GZipStream(to, CompressionLevel.Fastest)), ("named.wasm", to => new BrotliStream(to, CompressionLevel.Fastest)) })
        {
            var path = _folder.Sub(name);
            using (var packed = pack(File.Create(path))) packed.Write(module);
            var result = await Command.RunAsync("imports", path, "-r", "wasmtime");
            Assert.That(result.Output, Does.EndWith("links on wasmtime"), result.Error);
        }
    }

    /// <summary>More code than is compiled for an answer: it is validated to its last function all the same, and that is told.</summary>
    [TestCase("(i32.add (local.get 0) (i32.const 1))", "")]
    [TestCase("(i32.eqz (i64.const 1))", "malformed")]
    [TestCase("(drop (local.get 0)) (i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4))", "")]
    public async Task A_large_module_is_validated_to_its_last_function(string last, string code)
    {
        var path = _folder.Sub("large.wasm");
        var body = string.Concat(Enumerable.Repeat("(local.set 0 (i32.xor (i32.mul (local.get 0) (i32.const 77)) (i32.load (local.get 0))))", 40));
        var functions = string.Concat(Enumerable.Repeat($"(func (param i32) (result i32) {body} (local.get 0))", 2500));
        File.WriteAllBytes(path, Wasmtime.Module.ConvertText($"(module (memory (export \"memory\") 1) {functions} (func (export \"run\") (param i32) (result i32) {last}))"));
        Assert.That(new FileInfo(path).Length, Is.GreaterThan(1 << 20));
        var result = await Command.RunAsync("imports", path, "--format", "json");
        foreach (var answer in JsonNode.Parse(result.Output)!.AsArray().Select(answer => answer!))
        {
            if (answer["unavailable"] is not null) continue;
            // A module that has not what a command needs links, and can't be entered.
            var module = answer["module"]!;
            var simd = last.Contains("v128", StringComparison.Ordinal) && (string)answer["runtime"]! is "lucet" or "wamr";
            Assert.That(((string?)module["phase"], (string?)module["code"]), simd ? Is.EqualTo(("compile", "unsupported-feature simd"))
                : code.Length > 0 ? Is.EqualTo(("compile", code)) : Is.EqualTo(("observe", (string?)null)), answer.ToJsonString());
        }
    }

    [TestCase("m.wat", "\ufeff;; by hand\n")]
    [TestCase("m.wat.gz", "")]
    public async Task Text_is_taken_as_it_comes(string name, string before)
    {
        var path = _folder.Sub(name);
        using (Stream to = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path))
            to.Write(Encoding.UTF8.GetBytes(before + """(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))"""));
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime");
        Assert.That(result.Output, Does.EndWith("links on wasmtime"), result.Error);
        Assert.That((await Command.RunAsync("modules", "imports", path)).Output,
            Is.EqualTo("""(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))"""));
    }

    [TestCase("(module\n  (func (call $nobody)))", ":2:15: unknown func: failed to find name `$nobody`")]
    [TestCase("(component)", ": a component, and not a core module")]
    public async Task Text_that_is_wrong_is_told_by_its_line(string text, string words)
    {
        var path = _folder.Write("wrong.wat", text);
        var result = await Command.RunAsync("imports", path, "-r", "wasmtime");
        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith($"conformance: {path}{words}"));
        Assert.That(result.Error.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Names_are_escaped_wherever_people_read_them()
    {
        var path = Write("""(module (import "env" "a\1b[31mred" (func)) (import "e::v" "b\u{202e}c" (func)) (import "" "" (func)) (import "d" "d" (func)) (import "d" "d" (global i32)))""");
        foreach (var format in new[] { "table", "markdown" })
        {
            var result = await Command.RunAsync("imports", path, "-r", "wasmtime", "--format", format, "--explain");
            Assert.That(result.Output.Where(character => char.IsControl(character) && character != '\n'), Is.Empty);
            Assert.That(result.Output, Does.Not.Contain('\u202e'));
            Assert.That(result.Output, Does.Contain("""env::"a\u{1b}[31mred" """.Trim()).And.Contain("\"\"::\"\""));
            var words = string.Join(' ', result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            if (format == "markdown") Assert.That(words, Does.Contain("d::d (func () -> ())").And.Contain("d::d (global i32)"));
        }
    }

    private static void Available(JsonNode answer, string runtime)
    {
        if (answer["unavailable"] is { } missing) Requirement.Missing(runtime, (string)missing["reason"]!);
    }

    private string Write(string text)
    {
        var path = _folder.Sub("any.wasm");
        File.WriteAllBytes(path, Wasmtime.Module.ConvertText(text));
        return path;
    }
}
