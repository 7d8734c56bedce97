using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Conformance.Machine;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Lucet;

/// <summary>
/// Which C symbol fulfils each import of a module: Lucet's own WASI's, or a function of a library that is written for the module's host
/// functions. That is one for each set of results: parameters are nothing to it, by the platform's calling convention.
/// </summary>
internal sealed class Bindings
{
    private readonly ImmutableArray<(DeclaredImport Host, char Result)> _slots;

    public Bindings(WasmInterface module, ImmutableArray<DeclaredImport> hosts)
    {
        _slots =
        [
            .. from host in hosts
               let types = module.Imports.Where(import => (import.Module, import.Name) == (host.Module, host.Name))
                   .Select(import => import.Type).OfType<FunctionType>().ToList()
               where types.Count > 0
               select (host, Result(host.Type is { } type ? [ExternTypeText.Function(type)!] : types)),
        ];
        Results = string.Concat(_slots.Select(slot => slot.Result));
        var symbols = new JsonObject();
        foreach (var import in module.Imports)
        {
            var slot = Slot(import);
            if ((slot >= 0 ? LibrarySource.Symbol(Results, slot) : WasiUnstable.Symbol(import)) is not { } symbol) continue;
            if (symbols[import.Module] is not JsonObject names) symbols[import.Module] = names = [];
            names[import.Name] = symbol;
        }

        IsEmpty = symbols.Count == 0;
        Json = symbols.ToJsonString();
        Key = Sha256.Hex(Json)[..16];
    }

    /// <summary>Whether no import has a symbol.</summary>
    public bool IsEmpty { get; }

    /// <summary>As <c>lucetc</c> reads it.</summary>
    public string Json { get; }

    /// <summary>What tells compiled modules with other bindings apart.</summary>
    public string Key { get; }

    /// <summary>A letter for each host function that the module imports: v(oid), i(nteger), f(loat), d(ouble).</summary>
    public string Results { get; }

    /// <summary>The answer to a call of a host function by its place in <see cref="Results"/>, as the bits of its result.</summary>
    /// <exception cref="HostCallException">The server could not be asked.</exception>
    public ulong Call(int slot, HostFunctions functions)
    {
        var (host, result) = _slots[slot];
        var value = functions.Call(host, wantsResult: result != 'v');
        return result switch
        {
            'f' => BitConverter.SingleToUInt32Bits(value),
            'd' => BitConverter.DoubleToUInt64Bits(value),
            _ => (ulong)value
        };
    }

    private int Slot(WasmImport import) => import.Type.Kind == ExternKind.Func
        ? _slots.IndexOf(_slots.FirstOrDefault(slot => (slot.Host.Module, slot.Host.Name) == (import.Module, import.Name))) : -1;

    /// <summary>A name has one symbol. An integer does for none, too.</summary>
    private static char Result(List<FunctionType> types) =>
        types.SelectMany(type => type.Results.DefaultIfEmpty("")).Distinct().ToList() switch
        {
            [""] => 'v',
            ["f32"] => 'f',
            ["f64"] => 'd',
            _ => 'i',
        };
}

/// <summary>
/// The library of host functions, in C: each asks this process by a pipe, and ends the guest where it is told that nothing is to be had.
/// </summary>
internal static class LibrarySource
{
    public static string Symbol(string results, int slot) => string.Create(CultureInfo.InvariantCulture, $"conformance_{results}_{slot}");

    public static string Connect(string results) => $"conformance_{results}_connect";

    /// <param name="results">As <see cref="Bindings.Results"/>.</param>
    public static string Write(string results)
    {
        var source = new StringBuilder($$"""
            #include <stdint.h>
            #include <string.h>
            #include <unistd.h>

            void lucet_vmctx_terminate(const void *vmctx, void *info);

            static int requests = -1, answers = -1;

            void {{Connect(results)}}(int to, int from) { requests = to; answers = from; }

            static uint64_t ask(const void *vmctx, uint32_t slot) {
                uint64_t answer[2] = {1, 0};
                size_t got = 0;
                if (write(requests, &slot, sizeof slot) == sizeof slot) {
                    ssize_t n;
                    while (got < sizeof answer && (n = read(answers, (char *)answer + got, sizeof answer - got)) > 0) got += n;
                }
                if (got < sizeof answer || answer[0] != 0) lucet_vmctx_terminate(vmctx, 0);
                return answer[1];
            }

            static float as_float(uint64_t bits) { float value; uint32_t low = (uint32_t)bits; memcpy(&value, &low, sizeof value); return value; }
            static double as_double(uint64_t bits) { double value; memcpy(&value, &bits, sizeof value); return value; }


            """);
        foreach (var (slot, result) in results.Index())
        {
            var (type, body) = result switch
            {
                'v' => ("void", $"ask(vmctx, {slot});"),
                'f' => ("float", $"return as_float(ask(vmctx, {slot}));"),
                'd' => ("double", $"return as_double(ask(vmctx, {slot}));"),
                _ => ("uint64_t", $"return ask(vmctx, {slot});"),
            };
            source.Append(CultureInfo.InvariantCulture, $"{type} {Symbol(results, slot)}(const void *vmctx) {{ {body} }}\n");
        }

        return source.ToString();
    }
}
