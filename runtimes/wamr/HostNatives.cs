using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Wamr;

/// <summary>
/// The host functions of one module, registered before it is loaded, since that is when WAMR looks for them: by module and name, each with
/// the signature that the module declares for it (or that the manifest fixes). Registration is the whole library's, and ends with
/// <c>wasm_runtime_destroy</c>. One at a time: WAMR's callbacks find it by a static.
/// </summary>
internal sealed unsafe class HostNatives
{
    private static HostNatives? _current;
    private static WamrLibrary? _library;

    private readonly ImmutableArray<FulfilledImport> _hosts;
    private readonly HostFunctions _functions;

    /// <param name="library">What to register with; it is initialised.</param>
    /// <param name="module">What imports.</param>
    /// <param name="hosts">The manifest's host functions.</param>
    /// <param name="functions">What they do.</param>
    /// <param name="strings">Lives as long as the library is initialised.</param>
    public HostNatives(WamrLibrary library, WasmInterface module,
        ImmutableArray<DeclaredImport> hosts, HostFunctions functions, NativeStrings strings)
    {
        _functions = functions;
        _hosts = [.. HostImports.Fulfilled(module, hosts, HostFunctions.IsNumber)];
        (_current, _library) = (this, library);
        foreach (var names in module.Imports.Where(import => import.Type.Kind == ExternKind.Func)
            .GroupBy(import => import.Module, StringComparer.Ordinal))
        {
            var given = names.Select(import => import.Name).Distinct(StringComparer.Ordinal)
                .Where(name => hosts.Any(host => (host.Module, host.Name) == (names.Key, name))).ToList();
            if (given.Count == 0) continue;
            var symbols = (WamrLibrary.NativeSymbol*)strings.Allocate(given.Count * sizeof(WamrLibrary.NativeSymbol));
            foreach (var (i, name) in given.Index())
            {
                symbols[i] = new WamrLibrary.NativeSymbol
                {
                    Name = strings.Text(name),
                    Function = (delegate* unmanaged[Cdecl]<nint, ulong*, void>)&Call,
                    Signature = Signature(names.Key, name) is { } signature ? strings.Text(signature) : null,
                    Attachment = _hosts.IndexOf(
                        _hosts.FirstOrDefault(host => (host.Import.Module, host.Import.Name) == (names.Key, name))!),
                };
            }

            library.RegisterNativesRaw(strings.Text(names.Key), symbols, (uint)given.Count);
        }
    }

    /// <summary>What a host function could not do; null where all could.</summary>
    public HostCallException? Failure { get; private set; }

    /// <summary>Null, which fits all, where the module imports the name with several types: a name has one signature.</summary>
    private string? Signature(string module, string name)
    {
        var types = _hosts.Where(host => (host.Import.Module, host.Import.Name) == (module, name))
            .Select(host => host.Type).Distinct().ToList();
        return types switch
        {
            // A host function that can't be given the type that is asked for: WAMR says so, in its own words.
            [] => "()",
            [var type] => $"({Letters(type.Parameters)}){Letters(type.Results)}",
            _ => null,
        };
    }

    private static string Letters(ImmutableArray<string> types) =>
        string.Concat(types.Select(type => type switch { "i32" => 'i', "i64" => 'I', "f32" => 'f', _ => 'F' }));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint execution, ulong* arguments)
    {
        // No exception may leave a function that native code calls.
        try
        {
            var host = _current!._hosts[(int)_library!.Attachment(execution)];
            var result = host.Type.Results is [var type] ? type : null;
            var value = _current._functions.Call(host.Host, result is not null);
            if (result is null) return;
            // The result takes the place of the first argument.
            *arguments = result switch
            {
                "i32" => (uint)(int)value,
                "i64" => (ulong)value,
                "f32" => BitConverter.SingleToUInt32Bits(value),
                _ => BitConverter.DoubleToUInt64Bits(value),
            };
        }
        catch (HostCallException e)
        {
            _current!.Failure = e;
            using var strings = new NativeStrings();
            _library!.SetException(_library.InstanceOf(execution), strings.Text("host call failed"));
        }
    }
}
