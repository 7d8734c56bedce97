using System.Runtime.InteropServices;

namespace Conformance.BareEngines;

/// <summary>WAMR by its C API.</summary>
/// <seealso href="https://github.com/bytecodealliance/wasm-micro-runtime/blob/main/core/iwasm/include/wasm_export.h"/>
internal static unsafe class BareWamr
{
    private const uint Stack = 64 * 1024;
    private const uint Words = 256;

    public static string Run(BareGuest guest)
    {
        var library = NativeLibrary.Load(guest.Library);
        nint Export(string name) => NativeLibrary.GetExport(library, name);
        ((delegate* unmanaged<byte>)Export("wasm_runtime_init"))();
        var bytes = File.ReadAllBytes(guest.Module);
        var kept = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
        Marshal.Copy(bytes, 0, (nint)kept, bytes.Length);
        var words = stackalloc byte[(int)Words];
        var module = ((delegate* unmanaged<byte*, uint, byte*, uint, nint>)Export("wasm_runtime_load"))(kept, (uint)bytes.Length, words, Words);
        if (module == 0) return $"stopped {Marshal.PtrToStringUTF8((nint)words)}";
        var folders = Texts(guest.Folders.Select(folder => $"{folder.GuestPath}::{folder.Folder}"));
        var variables = Texts(guest.Variables.Select(variable => $"{variable.Name}={variable.Value}"));
        ((delegate* unmanaged<nint, byte**, uint, byte**, uint, byte**, uint, byte**, int, void>)Export("wasm_runtime_set_wasi_args"))(
            module, null, 0, folders, (uint)guest.Folders.Length, variables, (uint)guest.Variables.Length,
            Texts(guest.Arguments), guest.Arguments.Length);
        // A library of 2020 has WASI where there is a heap only.
        var instance = ((delegate* unmanaged<nint, uint, uint, byte*, uint, nint>)Export("wasm_runtime_instantiate"))(module,
            Stack, 8192, words, Words);
        if (instance == 0) return $"stopped {Marshal.PtrToStringUTF8((nint)words)}";
        var called = ((delegate* unmanaged<nint, int, byte**, byte>)Export("wasm_application_execute_main"))(instance, 0, null);
        var text = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Export("wasm_runtime_get_exception"))(instance));
        if (called != 0 && text is null) return "exit 0";
        return text?.Contains("wasi proc exit", StringComparison.Ordinal) == true ? "exit" : $"stopped {text}";
    }

    private static byte** Texts(IEnumerable<string> texts)
    {
        var all = texts.Select(text => Marshal.StringToCoTaskMemUTF8(text)).ToArray();
        var result = (nint*)NativeMemory.Alloc((nuint)Math.Max(1, all.Length), (nuint)sizeof(nint));
        for (var i = 0; i < all.Length; i++) result[i] = all[i];
        return (byte**)result;
    }
}
