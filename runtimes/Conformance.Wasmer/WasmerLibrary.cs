using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>One place where Wasmer's library may be.</summary>
/// <param name="Name">What names the place: an environment variable, or its path.</param>
/// <param name="Path">The file that would be loaded; null where the place isn't set. A bare file name is one that the loader looks for, and
/// does not say where.</param>
/// <param name="Found">Whether it is there.</param>
public sealed record LibraryPlace(string Name, string? Path, bool Found)
{
    /// <summary>The place in words, for a list of them.</summary>
    public string Describe() => Path is null ? $"{Name} (not set)" : Name == Path ? Name : $"{Name} ({Path})";
}

/// <summary>Finds and loads the <c>libwasmer</c> of a Wasmer release. Nothing of Wasmer is in this assembly.</summary>
public static class WasmerLibrary
{
    private static readonly Lock Gate = new();
    private static nint _loaded;
    private static string? _path;

    /// <summary>What the library's file is called on this system.</summary>
    public static string FileName { get; } = OperatingSystem.IsWindows()
        ? "wasmer.dll" : OperatingSystem.IsMacOS() ? "libwasmer.dylib" : "libwasmer.so";

    /// <summary>The file that was loaded; null before loading or the first <see cref="Engine"/>.</summary>
    public static string? LoadedFrom => _path;

    /// <summary>The version that the loaded library gives itself, such as <c>7.2.0</c>.</summary>
    /// <exception cref="DllNotFoundException">There is none.</exception>
    public static unsafe string Version
    {
        get
        {
            EnsureLoaded();
            return Marshal.PtrToStringUTF8((nint)Native.wasmer_version())!;
        }
    }

    /// <summary>
    /// The places, in the order in which they are tried: <c>WASMER_LIBRARY</c> (the file), <c>WASMER_DIR/lib</c>, <c>~/.wasmer/lib</c>
    /// (where Wasmer's own installer puts it), the folders given here, and the loader's default.
    /// </summary>
    /// <param name="folders">Other folders to look in.</param>
    public static ImmutableArray<LibraryPlace> Places(params ReadOnlySpan<string> folders)
    {
        var places = ImmutableArray.CreateBuilder<LibraryPlace>();
        var file = Variable("WASMER_LIBRARY");
        places.Add(new LibraryPlace("WASMER_LIBRARY", file, File.Exists(file)));
        places.Add(In("WASMER_DIR/lib", Variable("WASMER_DIR") is { } release ? Path.Combine(release, "lib") : null));
        places.Add(In("~/.wasmer/lib", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile,
            Environment.SpecialFolderOption.DoNotVerify), ".wasmer", "lib")));
        foreach (var folder in folders) places.Add(In(folder, folder));
        places.Add(LoaderDefault());
        return places.ToImmutable();
    }

    /// <summary>Loads the library of the first place that has it. Once one is loaded, it stays for the process's life.</summary>
    /// <param name="folders">As for <see cref="Places"/>.</param>
    /// <returns>The file.</returns>
    /// <exception cref="DllNotFoundException">No place has it, or it can't be loaded; the message lists the places.</exception>
    public static string Load(params ReadOnlySpan<string> folders) => Load(Places(folders));

    /// <summary>Loads the library of the first of some places that has it.</summary>
    /// <param name="places">What <see cref="Places"/> gave: to be asked before, since a loaded library is found by the loader ever
    /// after.</param>
    /// <returns>The file.</returns>
    /// <exception cref="DllNotFoundException">No place has it, or it can't be loaded; the message lists the places.</exception>
    public static string Load(ImmutableArray<LibraryPlace> places)
    {
        lock (Gate)
        {
            if (_path is not null) return _path;
            var chosen = places.FirstOrDefault(place => place.Found)
                ?? throw new DllNotFoundException(
                    $"{FileName} is in none of {string.Join(", ", places.Select(place => place.Describe()))}");
            _loaded = NativeLibrary.Load(chosen.Path!, typeof(WasmerLibrary).Assembly, DllImportSearchPath.SafeDirectories);
            NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(),
                static (name, _, _) => name == Native.Library ? _loaded : 0);
            return _path = chosen.Path!;
        }
    }

    internal static void EnsureLoaded()
    {
        if (_path is null) Load();
    }

    private static LibraryPlace In(string name, string? folder)
    {
        var file = folder is null ? null : Path.GetFullPath(Path.Combine(folder, FileName));
        return new LibraryPlace(name, file, File.Exists(file));
    }

    private static LibraryPlace LoaderDefault()
    {
        const string Name = "the loader's default";
        if (!NativeLibrary.TryLoad(FileName, typeof(WasmerLibrary).Assembly, DllImportSearchPath.SafeDirectories, out var handle))
            return new LibraryPlace(Name, FileName, false);
        var path = OperatingSystem.IsLinux() ? Mapped() : null;
        NativeLibrary.Free(handle);
        return new LibraryPlace(Name, path ?? FileName, true);
    }

    /// <summary>Where the loader found it, as the process's own memory map has it.</summary>
    private static string? Mapped() =>
        File.ReadLines("/proc/self/maps")
            .Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? at : line.Length)..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith(FileName, StringComparison.Ordinal));

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
