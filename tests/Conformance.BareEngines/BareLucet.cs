using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Conformance.BareEngines;

/// <summary>Lucet by its compiler and C API.</summary>
/// <seealso href="https://github.com/bytecodealliance/lucet/blob/main/lucet-runtime/include/lucet.h"/>
internal static unsafe partial class BareLucet
{
    private const int NowAndGlobal = 0x102;

    private const int Terminated = 3;

    public static string Run(BareGuest guest)
    {
        var (output, bindings) = (Path.GetTempFileName(), Path.GetTempFileName());
        // What it comes with names WASI by its old name only.
        var wasiNames = JsonNode.Parse(File.ReadAllText(Path.Combine(guest.Library, "bindings.json")))!["wasi_unstable"]!;
        File.WriteAllText(bindings, new JsonObject { ["wasi_snapshot_preview1"] = wasiNames.DeepClone() }.ToJsonString());
        using (var compiler = Process.Start(new ProcessStartInfo(Path.Combine(guest.Library, "bin", "lucetc"),
            ["--bindings", bindings, "-o", output, guest.Module])
        { RedirectStandardError = true })!)
        {
            var words = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0) return $"stopped {words}";
        }

        var library = dlopen(Path.Combine(guest.Library, "lib", "liblucet_wasi.so"), NowAndGlobal);
        nint Export(string name) => NativeLibrary.GetExport(library, name);
        nint module, region, instance;
        if (((delegate* unmanaged<nint, nint*, int>)Export("lucet_dl_module_load"))(Marshal.StringToCoTaskMemUTF8(output), &module) != 0)
            return "stopped lucet_dl_module_load";
        var limits = stackalloc ulong[] { 64 << 20, 8UL << 30, 512 << 10, 64 << 10, 64 << 10 };
        if (((delegate* unmanaged<ulong, ulong*, nint*, int>)Export("lucet_mmap_region_create"))(1, limits, &region) != 0)
            return "stopped lucet_mmap_region_create";
        var wasi = ((delegate* unmanaged<nint>)Export("lucet_wasi_ctx_create"))();
        _ = clearenv();
        foreach (var (name, value) in guest.Variables) _ = setenv(name, value, 1);
        var arguments = guest.Arguments.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        fixed (nint* all = arguments) ((delegate* unmanaged<nint, nuint, nint*, int>)Export("lucet_wasi_ctx_args"))(wasi, (nuint)arguments.Length, all);
        ((delegate* unmanaged<nint, int>)Export("lucet_wasi_ctx_inherit_env"))(wasi);
        ((delegate* unmanaged<nint, int>)Export("lucet_wasi_ctx_inherit_stdio"))(wasi);
        if (((delegate* unmanaged<nint, nint, nint, nint*, int>)Export("lucet_region_new_instance_with_wasi_ctx"))(region, module, wasi, &instance) != 0)
            return "stopped lucet_region_new_instance_with_wasi_ctx";
        var result = stackalloc byte[1024];
        ((delegate* unmanaged<nint, nint, nuint, nint, byte*, int>)Export("lucet_instance_run"))(instance,
            Marshal.StringToCoTaskMemUTF8("_start"), 0, 0, result);
        File.Delete(output);
        File.Delete(bindings);
        // Its API gives null for the number of proc_exit.
        return *(int*)result switch { 0 => "exit 0", Terminated => "exit", var tag => $"stopped lucet_result {tag}" };
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial nint dlopen(string path, int mode);
    [LibraryImport("libc")] private static partial int clearenv();
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int setenv(string name, string value, int overwrite);
}
