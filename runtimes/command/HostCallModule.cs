using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Conformance.Model.Modules;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>
/// What is merged with a guest, in the text format: a function for each host function, which writes a request to stdout and reads the
/// answer from stdin; and a <c>_start</c> where the entry is another. It works in the first bytes of the guest's own memory, which is what
/// WASI reads and writes, and puts back what was there.
/// </summary>
internal static class HostCallModule
{
    public const int SecretBytes = 16;

    /// <summary>
    /// The secret, the value that the entry returned, and what is meant: the number of a host function, or <see cref="Returned"/>.
    /// </summary>
    public const int RequestBytes = SecretBytes + 8 + 1;

    /// <summary>Whether it failed, and the bits of the result: 64 each.</summary>
    public const int AnswerBytes = 16;

    /// <summary>Instead of a host function's number.</summary>
    public const byte Returned = 255;

    /// <summary>Instead of a host function's number: the guest calls <c>proc_exit</c>.</summary>
    public const byte Exiting = 254;

    /// <summary>The name of the function that tells of that before it does it.</summary>
    public const string Exit = $"{Requests}:exit";

    /// <summary>The name that the guest is merged under.</summary>
    public const string Guest = "guest";

    /// <summary>The name that the requests are merged under.</summary>
    public const string Requests = "conformance";

    /// <summary>What is put back, in pieces of 64 bits: an I/O vector, a count, and the longest message.</summary>
    private const int SavedWords = 6;

    private const int Data = 16;

    /// <summary>
    /// WASI's error for a descriptor that does not wait: Go's guests make their stdin such a one. It is made to wait again.
    /// </summary>
    private const int Again = 6;

    /// <summary>What the function that asks for a host function is exported as: no name that a guest is likely to export itself.</summary>
    public static string ExportOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Requests}:{number}");

    /// <summary>The import by which a guest ends itself; null where it has none.</summary>
    public static WasmImport? ExitOf(WasmInterface guest) => guest.Imports.FirstOrDefault(import =>
        import is { Name: "proc_exit", Type: FunctionType { Parameters: ["i32"], Results.IsEmpty: true } }
        && import.Module.StartsWith("wasi_", StringComparison.Ordinal));

    /// <summary>The functions that ask, and the entry.</summary>
    /// <param name="hosts">By number.</param>
    /// <param name="guest">What imports them.</param>
    /// <param name="kind">How the guest is entered.</param>
    /// <param name="entry">The exported function that a <c>_start</c> of ours calls; null where the guest's own is entered.</param>
    public static string WriteRequests(ImmutableArray<FulfilledImport> hosts,
        WasmInterface guest, ModuleKind kind, (string Name, FunctionType Type)? entry)
    {
        var text = new StringBuilder("(module\n");
        text.Append("""
              (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $set_flags (param i32 i32) (result i32)))

            """);
        var exit = ExitOf(guest);
        if (exit is not null) text.Append(CultureInfo.InvariantCulture, $"  (import \"{exit.Module}\" \"proc_exit\" (func $exit (param i32)))\n");
        if (guest.HasMemory) text.Append(CultureInfo.InvariantCulture, $"  (import \"{Guest}\" \"memory\" (memory 0))\n");
        var initialises = entry is not null && kind == ModuleKind.WasiReactor
            && guest.Exports.Any(export => export is { Name: "_initialize", Type: FunctionType });
        if (initialises) text.Append(CultureInfo.InvariantCulture, $"  (import \"{Guest}\" \"_initialize\" (func $initialize))\n");
        if (entry is { } called)
        {
            text.Append(CultureInfo.InvariantCulture,
            $"  (import \"{Guest}\" {Quoted(called.Name)} (func $entry {Signature(called.Type)}))\n");
        }

        if (!guest.HasMemory) text.Append("  (memory (export \"memory\") 1)\n");

        var words = Enumerable.Range(0, SavedWords).ToList();
        text.Append(CultureInfo.InvariantCulture, $$"""
              (global $connected (mut i32) (i32.const 0))
              (global $secret_low (mut i64) (i64.const 0))
              (global $secret_high (mut i64) (i64.const 0))
              (func $read (param $length i32) (local $got i32) (local $error i32)
                (loop $more
                  (i32.store (i32.const 0) (i32.add (i32.const {{Data}}) (local.get $got)))
                  (i32.store (i32.const 4) (i32.sub (local.get $length) (local.get $got)))
                  (local.set $error (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                  (if (i32.eq (local.get $error) (i32.const {{Again}})) (then
                    (if (call $set_flags (i32.const 0) (i32.const 0)) (then (unreachable)))
                    (br $more)))
                  (if (local.get $error) (then (unreachable)))
                  (if (i32.eqz (i32.load (i32.const 8))) (then (unreachable)))
                  (local.set $got (i32.add (local.get $got) (i32.load (i32.const 8))))
                  (br_if $more (i32.lt_u (local.get $got) (local.get $length)))))
              (func $write (param $length i32) (local $done i32)
                (loop $more
                  (i32.store (i32.const 0) (i32.add (i32.const {{Data}}) (local.get $done)))
                  (i32.store (i32.const 4) (i32.sub (local.get $length) (local.get $done)))
                  (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
                  (local.set $done (i32.add (local.get $done) (i32.load (i32.const 8))))
                  (br_if $more (i32.lt_u (local.get $done) (local.get $length)))))
              (func $say (param $what i32) (param $value i64) (param $answers i32) (result i64)
                (local $result i64) {{string.Join(' ', words.Select(word => $"(local $saved{word} i64)"))}}
                {{string.Join(' ', words.Select(word => $"(local.set $saved{word} (i64.load (i32.const {word * 8})))"))}}
                (if (i32.eqz (global.get $connected)) (then
                  (call $read (i32.const {{SecretBytes}}))
                  (global.set $secret_low (i64.load (i32.const {{Data}})))
                  (global.set $secret_high (i64.load (i32.const {{Data + 8}})))
                  (global.set $connected (i32.const 1))))
                (i64.store (i32.const {{Data}}) (global.get $secret_low))
                (i64.store (i32.const {{Data + 8}}) (global.get $secret_high))
                (i64.store (i32.const {{Data + 16}}) (local.get $value))
                (i32.store8 (i32.const {{Data + 24}}) (local.get $what))
                (call $write (i32.const {{RequestBytes}}))
                (if (local.get $answers) (then
                  (call $read (i32.const {{AnswerBytes}}))
                  (if (i64.ne (i64.load (i32.const {{Data}})) (i64.const 0)) (then (unreachable)))
                  (local.set $result (i64.load (i32.const {{Data + 8}})))))
                {{string.Join(' ', words.Select(word => $"(i64.store (i32.const {word * 8}) (local.get $saved{word}))"))}}
                (local.get $result))

            """);
        foreach (var (number, host) in hosts.Index())
            text.Append(CultureInfo.InvariantCulture, $"  (func (export \"{ExportOf(number)}\") {Signature(host.Type)} {FromBits(host.Type, $"(call $say (i32.const {number}) (i64.const 0) (i32.const 1))")})\n");

        if (exit is not null)
            text.Append(CultureInfo.InvariantCulture, $"  (func (export \"{Exit}\") (param i32) (drop (call $say (i32.const {Exiting}) (i64.const 0) (i32.const 0))) (call $exit (local.get 0)))\n");

        if (entry is { } entered)
        {
            text.Append("  (func (export \"_start\")");
            if (initialises) text.Append(" (call $initialize)");
            text.Append(CultureInfo.InvariantCulture, $" {(entered.Type.Results.IsEmpty ? "(call $entry)" : "")} (drop (call $say (i32.const {Returned}) {ToBits(entered.Type)} (i32.const 0))))\n");
        }

        return text.Append(")\n").ToString();
    }

    private static string Signature(FunctionType type) =>
        string.Concat(type.Parameters.Select(parameter => $"(param {parameter}) ")) + string.Concat(
            type.Results.Select(result => $"(result {result})"));

    private static string FromBits(FunctionType type, string bits) => type.Results switch
    {
        [] => $"(drop {bits})",
        ["i32"] => $"(i32.wrap_i64 {bits})",
        ["f32"] => $"(f32.reinterpret_i32 (i32.wrap_i64 {bits}))",
        ["f64"] => $"(f64.reinterpret_i64 {bits})",
        _ => bits,
    };

    private static string ToBits(FunctionType type) => type.Results switch
    {
        [] => "(i64.const 0)",
        ["i32"] => "(i64.extend_i32_s (call $entry))",
        ["f32"] => "(i64.extend_i32_s (i32.reinterpret_f32 (call $entry)))",
        ["f64"] => "(i64.reinterpret_f64 (call $entry))",
        _ => "(call $entry)",
    };

    /// <summary>A name as a string of the text format; what is no letter or digit by its bytes.</summary>
    private static string Quoted(string name) =>
        $"\"{string.Concat(Encoding.UTF8.GetBytes(name).Select(octet => char.IsAsciiLetterOrDigit((char)octet) ? ((char)octet).ToString() : $"\\{octet:x2}"))}\"";
}
