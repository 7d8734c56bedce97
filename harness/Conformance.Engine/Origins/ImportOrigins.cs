using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Conformance.Engine.Origins;

/// <summary>Who normally provides an import.</summary>
/// <param name="Who">In a few words.</param>
/// <param name="Advice">What to do where it is missing.</param>
/// <param name="Link">Where one can read more.</param>
public sealed record ImportOrigin(string Who, string Advice, string Link);

/// <summary>What imports' names tell of their origin. One rule a line; the first that fits counts.</summary>
public static partial class ImportOrigins
{
    private static readonly ImmutableArray<(Regex Module, Regex Name, ImportOrigin Origin)> Rules =
    [
        (Preview1(), Any(), new("WASI preview 1", "run it where WASI is: Wasmtime, Wasmer, Node's node:wasi, or a shim on a page",
            "https://github.com/WebAssembly/WASI/tree/main/legacy")),
        (Unstable(), Any(), new("WASI snapshot 0, before preview 1",
            "rebuild it with a toolchain of after 2020, or run it where wasi_unstable still is: Wasmer, node:wasi",
            "https://github.com/WebAssembly/WASI/tree/main/legacy")),
        (Wasix(), Any(), new("WASIX, Wasmer's extension of preview 1",
            "run it on Wasmer, or build it with wasi-libc and do without sockets, threads and processes", "https://wasix.org/docs")),
        (Preview2(), Any(), new("a component's interface",
            "this is a core module taken out of a component: run the component", "https://component-model.bytecodealliance.org")),
        (GoJs(), Any(), new("Go's wasm_exec.js (GOOS=js)",
            "load it on a page with the wasm_exec.js of the very Go that built it, or build it with GOOS=wasip1",
            "https://go.dev/wiki/WebAssembly")),
        (Bindgen(), Any(), new("wasm-bindgen's generated JavaScript",
            "load it with the .js that wasm-bindgen wrote beside it, or build for wasm32-wasip1 without wasm-bindgen",
            "https://rustwasm.github.io/docs/wasm-bindgen/")),
        (Env(), TinyGo2022(), new("Go's own runtime, left over by TinyGo of 2022 (0.22)",
            "rebuild it with TinyGo 0.28 or later: no host provides these", "https://tinygo.org/docs/guides/webassembly/wasi/")),
        (Env(), Emscripten(), new("Emscripten's generated JavaScript",
            "load it with the .js that emcc wrote beside it, or link it with -sSTANDALONE_WASM",
            "https://emscripten.org/docs/tools_reference/settings_reference.html#standalone-wasm")),
        (Env(), AssemblyScript(), new("AssemblyScript's loader",
            "provide env::abort, or build it with --use abort=", "https://www.assemblyscript.org/compiler.html")),
        (Env(), Any(), new("the embedding program", "declare it as a host function in the module's manifest",
            "https://webassembly.github.io/spec/core/syntax/modules.html#imports")),
    ];

    /// <summary>The origin of an import; null where its name tells nothing.</summary>
    public static ImportOrigin? Find(string module, string name) =>
        Rules.FirstOrDefault(rule => rule.Module.IsMatch(module) && rule.Name.IsMatch(name)).Origin;

    [GeneratedRegex("")]
    private static partial Regex Any();

    [GeneratedRegex("^(wasi_snapshot_preview1|wasi)$")]
    private static partial Regex Preview1();

    [GeneratedRegex("^wasi_unstable$")]
    private static partial Regex Unstable();

    [GeneratedRegex("^wasix_")]
    private static partial Regex Wasix();

    [GeneratedRegex("^wasi:")]
    private static partial Regex Preview2();

    [GeneratedRegex("^(gojs|go)$")]
    private static partial Regex GoJs();

    [GeneratedRegex(@"^(wbg|__wbindgen_.*|\./.*_bg\.js)$")]
    private static partial Regex Bindgen();

    [GeneratedRegex("^env$")]
    private static partial Regex Env();

    [GeneratedRegex(@"^(time|sync/atomic|runtime|syscall|reflect|internal/.*)\.\w+$")]
    private static partial Regex TinyGo2022();

    [GeneratedRegex(@"^(emscripten_\w+|__syscall_\w+|_emscripten_\w+|invoke_[vijfd]+|__cxa_\w+|_abort_js|_embind_\w+|_emval_\w+)$")]
    private static partial Regex Emscripten();

    [GeneratedRegex("^(abort|seed)$")]
    private static partial Regex AssemblyScript();
}
