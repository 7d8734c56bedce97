using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Conformance.BareEngines;

/// <summary>Wasmer by its C API.</summary>
/// <seealso href="https://github.com/wasmerio/wasmer/blob/main/lib/c-api/wasmer.h"/>
internal static unsafe partial class BareWasmer
{
    public static string Run(BareGuest guest)
    {
        NativeLibrary.SetDllImportResolver(typeof(BareWasmer).Assembly,
            (name, assembly, path) => NativeLibrary.Load(name == "wasmer" ? guest.Library : name, assembly, path));
        var engine = wasm_engine_new();
        var store = wasm_store_new(engine);
        Vector bytes;
        fixed (byte* read = File.ReadAllBytes(guest.Module)) wasm_byte_vec_new(&bytes, (nuint)new FileInfo(guest.Module).Length, read);
        var module = wasm_module_new(store, &bytes);
        if (module == 0) return $"stopped {Error()}";

        var config = wasi_config_new(guest.Arguments[0]);
        foreach (var argument in guest.Arguments.Skip(1)) wasi_config_arg(config, argument);
        foreach (var (name, value) in guest.Variables) wasi_config_env(config, name, value);
        foreach (var (path, folder) in guest.Folders) wasi_config_mapdir(config, path, folder);
        wasi_config_inherit_stdin(config);
        wasi_config_inherit_stdout(config);
        wasi_config_inherit_stderr(config);
        var wasi = wasi_env_new(store, config);
        Vector imports;
        if (wasi == 0 || wasi_get_imports(store, wasi, module, &imports) == 0) return $"stopped {Error()}";
        nint trap = 0;
        var instance = wasm_instance_new(store, module, &imports, &trap);
        if (instance == 0) return trap != 0 ? End(trap) : $"stopped {Error()}";
        if (wasi_env_initialize_instance(wasi, store, instance) == 0) return $"stopped {Error()}";
        Vector none = default, results = default;
        trap = wasm_func_call(wasi_get_start_function(instance), &none, &results);
        return trap == 0 ? "exit 0" : End(trap);
    }

    private static string End(nint trap)
    {
        Vector message;
        wasm_trap_message(trap, &message);
        var text = Marshal.PtrToStringUTF8((nint)message.Data, (int)message.Size).TrimEnd('\0');
        return Exit().Match(text) is { Success: true } exit ? $"exit {exit.Groups[1].Value}" : $"stopped {text}";
    }

    private static string Error()
    {
        var text = new byte[Math.Max(1, wasmer_last_error_length())];
        fixed (byte* at = text) _ = wasmer_last_error_message(at, text.Length);
        return System.Text.Encoding.UTF8.GetString(text).TrimEnd('\0');
    }

    [GeneratedRegex("WASI exited with code: (?:ExitCode::)?(\\d+)")]
    private static partial Regex Exit();

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public nuint Size;
        public void* Data;
    }

    [LibraryImport("wasmer")] private static partial nint wasm_engine_new();
    [LibraryImport("wasmer")] private static partial nint wasm_store_new(nint engine);
    [LibraryImport("wasmer")] private static partial void wasm_byte_vec_new(Vector* result, nuint size, byte* data);
    [LibraryImport("wasmer")] private static partial nint wasm_module_new(nint store, Vector* bytes);
    [LibraryImport("wasmer")] private static partial nint wasm_instance_new(nint store, nint module, Vector* imports, nint* trap);
    [LibraryImport("wasmer")] private static partial nint wasm_func_call(nint function, Vector* arguments, Vector* results);
    [LibraryImport("wasmer")] private static partial void wasm_trap_message(nint trap, Vector* message);
    [LibraryImport("wasmer", StringMarshalling = StringMarshalling.Utf8)] private static partial nint wasi_config_new(string name);
    [LibraryImport("wasmer", StringMarshalling = StringMarshalling.Utf8)] private static partial void wasi_config_arg(nint config, string arg);
    [LibraryImport("wasmer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void wasi_config_env(nint config, string name, string value);
    [LibraryImport("wasmer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte wasi_config_mapdir(nint config, string path, string folder);
    [LibraryImport("wasmer")] private static partial void wasi_config_inherit_stdin(nint config);
    [LibraryImport("wasmer")] private static partial void wasi_config_inherit_stdout(nint config);
    [LibraryImport("wasmer")] private static partial void wasi_config_inherit_stderr(nint config);
    [LibraryImport("wasmer")] private static partial nint wasi_env_new(nint store, nint config);
    [LibraryImport("wasmer")] private static partial byte wasi_get_imports(nint store, nint wasi, nint module, Vector* imports);
    [LibraryImport("wasmer")] private static partial byte wasi_env_initialize_instance(nint wasi, nint store, nint instance);
    [LibraryImport("wasmer")] private static partial nint wasi_get_start_function(nint instance);
    [LibraryImport("wasmer")] private static partial int wasmer_last_error_length();
    [LibraryImport("wasmer")] private static partial int wasmer_last_error_message(byte* buffer, int length);
}
