using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Conformance.Model.Modules;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>
/// What is merged with a guest, in the text format: a function for each host function, which writes a request to stdout and reads the
/// answer from stdin; and a <c>_start</c> where the entry is another. The guest's own stdin comes by requests too, so that it never reads
/// what is not its own. It works in the first bytes of the guest's own memory, which is what WASI reads and writes, and puts back what was
/// there.
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

    /// <summary>
    /// Instead of a host function's number: the guest reads its stdin, so many bytes; they follow the answer, which counts them.
    /// </summary>
    public const byte Reading = 253;

    /// <summary>Instead of a host function's number: the guest asks whether its stdin has something; the answer counts its bytes.</summary>
    public const byte Polling = 252;

    /// <summary>The first of the numbers that no host function has.</summary>
    public const byte Reserved = Polling;

    /// <summary>How much of its stdin a guest is given at once.</summary>
    public const int MostRead = 1 << 15;

    /// <summary>WASI's functions that a guest has others of here, and with which type.</summary>
    private static readonly Dictionary<string, FunctionType> Replaced = new(StringComparer.Ordinal)
    {
        ["proc_exit"] = new FunctionType(["i32"], []),
        ["fd_read"] = new FunctionType(["i32", "i32", "i32", "i32"], ["i32"]),
        ["fd_close"] = new FunctionType(["i32"], ["i32"]),
        ["poll_oneoff"] = new FunctionType(["i32", "i32", "i32", "i32"], ["i32"]),
    };

    /// <summary>The name that the guest is merged under.</summary>
    public const string Guest = "guest";

    /// <summary>The name that the requests are merged under.</summary>
    public const string Requests = "conformance";

    /// <summary>What is put back, in pieces of 64 bits: an I/O vector, a count, and the longest message.</summary>
    private const int SavedWords = 6;

    private const int Data = 16;

    /// <summary>Where there is room in the first page for who reads over its beginning: behind what is read at once.</summary>
    private const int OtherRoom = MostRead + Data;

    /// <summary>
    /// WASI's error for a descriptor that does not wait: Go's guests make their stdin such a one. It is made to wait again.
    /// </summary>
    private const int Again = 6;

    /// <summary>WASI's error for a descriptor that is not open.</summary>
    private const int BadDescriptor = 8;

    /// <summary>Of <c>poll_oneoff</c>: the tag of a subscription to something to read, and the size of one.</summary>
    private const int ReadSubscription = 1, SubscriptionBytes = 48;

    /// <summary>What the function that asks for a host function is exported as: no name that a guest is likely to export itself.</summary>
    public static string ExportOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Requests}:{number}");

    /// <summary>The import by which a guest ends itself; null where it has none.</summary>
    public static WasmImport? ExitOf(WasmInterface guest) =>
        guest.Imports.FirstOrDefault(import => import.Name == "proc_exit" && IsReplaced(import));

    /// <summary>What an import is merged with instead of WASI's own, by its export's name; null where it stays.</summary>
    public static string? ReplacementOf(WasmImport import) => IsReplaced(import) ? $"{Requests}:{import.Module}:{import.Name}" : null;

    private static bool IsReplaced(WasmImport import) => import.Module.StartsWith("wasi_", StringComparison.Ordinal)
        && Replaced.TryGetValue(import.Name, out var type) && Equals(import.Type, type);

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
        var replaced = guest.Imports.Where(IsReplaced).Distinct().ToImmutableArray();
        foreach (var (number, import) in replaced.Index())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  (import \"{import.Module}\" \"{import.Name}\" (func $wasi{number} {Signature((FunctionType)import.Type)}))\n");
        }

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
              (global $closed (mut i32) (i32.const 0))
              (func $read (param $room i32) (param $to i32) (param $length i32) (local $got i32) (local $error i32)
                (loop $more
                  (i32.store (local.get $room) (i32.add (local.get $to) (local.get $got)))
                  (i32.store offset=4 (local.get $room) (i32.sub (local.get $length) (local.get $got)))
                  (local.set $error (call $fd_read
                    (i32.const 0) (local.get $room) (i32.const 1) (i32.add (local.get $room) (i32.const 8))))
                  (if (i32.eq (local.get $error) (i32.const {{Again}})) (then
                    (if (call $set_flags (i32.const 0) (i32.const 0)) (then (unreachable)))
                    (br $more)))
                  (if (local.get $error) (then (unreachable)))
                  (if (i32.eqz (i32.load offset=8 (local.get $room))) (then (unreachable)))
                  (local.set $got (i32.add (local.get $got) (i32.load offset=8 (local.get $room))))
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
                  (call $read (i32.const 0) (i32.const {{Data}}) (i32.const {{SecretBytes}}))
                  (global.set $secret_low (i64.load (i32.const {{Data}})))
                  (global.set $secret_high (i64.load (i32.const {{Data + 8}})))
                  (global.set $connected (i32.const 1))))
                (i64.store (i32.const {{Data}}) (global.get $secret_low))
                (i64.store (i32.const {{Data + 8}}) (global.get $secret_high))
                (i64.store (i32.const {{Data + 16}}) (local.get $value))
                (i32.store8 (i32.const {{Data + 24}}) (local.get $what))
                (call $write (i32.const {{RequestBytes}}))
                (if (local.get $answers) (then
                  (call $read (i32.const 0) (i32.const {{Data}}) (i32.const {{AnswerBytes}}))
                  (if (i64.ne (i64.load (i32.const {{Data}})) (i64.const 0)) (then (unreachable)))
                  (local.set $result (i64.load (i32.const {{Data + 8}})))))
                {{string.Join(' ', words.Select(word => $"(i64.store (i32.const {word * 8}) (local.get $saved{word}))"))}}
                (local.get $result))
              (func $take (param $to i32) (param $length i32) (local $room i32) (local $saved0 i64) (local $saved1 i64)
                (local.set $room (select (i32.const {{OtherRoom}}) (i32.const 0) (i32.lt_u (local.get $to) (i32.const {{Data}}))))
                (local.set $saved0 (i64.load (local.get $room)))
                (local.set $saved1 (i64.load offset=8 (local.get $room)))
                (call $read (local.get $room) (local.get $to) (local.get $length))
                (i64.store (local.get $room) (local.get $saved0))
                (i64.store offset=8 (local.get $room) (local.get $saved1)))

            """);
        foreach (var (number, host) in hosts.Index())
            text.Append(CultureInfo.InvariantCulture, $"  (func (export \"{ExportOf(number)}\") {Signature(host.Type)} {FromBits(host.Type, $"(call $say (i32.const {number}) (i64.const 0) (i32.const 1))")})\n");

        foreach (var (number, import) in replaced.Index())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  (func (export \"{ReplacementOf(import)}\") {Body(import.Name, $"$wasi{number}")})\n");
        }

        if (entry is { } entered)
        {
            text.Append("  (func (export \"_start\")");
            if (initialises) text.Append(" (call $initialize)");
            text.Append(CultureInfo.InvariantCulture, $" {(entered.Type.Results.IsEmpty ? "(call $entry)" : "")} (drop (call $say (i32.const {Returned}) {ToBits(entered.Type)} (i32.const 0))))\n");
        }

        return text.Append(")\n").ToString();
    }

    /// <summary>A function of ours in place of one of WASI's, which it calls for all that is not the guest's stdin or its end.</summary>
    /// <seealso href="https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md"/>
    private static string Body(string name, string original) => name switch
    {
        "proc_exit" => $"(param i32) (drop (call $say (i32.const {Exiting}) (i64.const 0) (i32.const 0))) (call {original} (local.get 0))",
        "fd_close" => $"""
            (param $fd i32) (result i32)
                (if (local.get $fd) (then (return (call {original} (local.get $fd)))))
                (if (global.get $closed) (then (return (i32.const {BadDescriptor}))))
                (global.set $closed (i32.const 1))
                (i32.const 0)
            """,
        // The first buffer that has room is filled, as far as there is something: a read may give less than was asked for.
        "fd_read" => $"""
            (param $fd i32) (param $iovs i32) (param $count i32) (param $nread i32) (result i32) (local $to i32) (local $length i32)
                (if (local.get $fd) (then
                  (return (call {original} (local.get $fd) (local.get $iovs) (local.get $count) (local.get $nread)))))
                (if (global.get $closed) (then (return (i32.const {BadDescriptor}))))
                (block $found (loop $next
                  (br_if $found (i32.eqz (local.get $count)))
                  (local.set $to (i32.load (local.get $iovs)))
                  (local.set $length (i32.load offset=4 (local.get $iovs)))
                  (br_if $found (local.get $length))
                  (local.set $iovs (i32.add (local.get $iovs) (i32.const 8)))
                  (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                  (br $next)))
                (if (local.get $length) (then
                  (if (i32.gt_u (local.get $length) (i32.const {MostRead})) (then (local.set $length (i32.const {MostRead}))))
                  (local.set $length (i32.wrap_i64 (call $say (i32.const {Reading})
                    (i64.extend_i32_u (local.get $length)) (i32.const 1))))
                  (if (local.get $length) (then (call $take (local.get $to) (local.get $length))))))
                (i32.store (local.get $nread) (local.get $length))
                (i32.const 0)
            """,
        // What waits for stdin need not: it is there, to its end. The event is its: who waits for others too asks again.
        _ => $"""
            (param $in i32) (param $out i32) (param $count i32) (param $events i32) (result i32) (local $at i32) (local $left i32)
                (local.set $at (local.get $in))
                (local.set $left (local.get $count))
                (block $none (loop $next
                  (br_if $none (i32.eqz (local.get $left)))
                  (if (i32.and (i32.eq (i32.load8_u offset=8 (local.get $at)) (i32.const {ReadSubscription}))
                      (i32.eqz (i32.load offset=16 (local.get $at)))) (then
                    (i64.store (local.get $out) (i64.load (local.get $at)))
                    (i64.store offset=8 (local.get $out) (i64.const 0))
                    (i32.store8 offset=10 (local.get $out) (i32.const {ReadSubscription}))
                    (i64.store offset=16 (local.get $out) (call $say (i32.const {Polling}) (i64.const 0) (i32.const 1)))
                    (i64.store offset=24 (local.get $out) (i64.extend_i32_u (i64.eqz (i64.load offset=16 (local.get $out)))))
                    (i32.store (local.get $events) (i32.const 1))
                    (return (i32.const 0))))
                  (local.set $at (i32.add (local.get $at) (i32.const {SubscriptionBytes})))
                  (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                  (br $next)))
                (call {original} (local.get $in) (local.get $out) (local.get $count) (local.get $events))
            """,
    };

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
