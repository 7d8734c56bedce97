using System.Collections.Immutable;
using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>
/// What a WASI guest finds of its world: nothing that isn't said here, but for stdin, which is this process's file descriptor 0 whatever
/// one says to the C API.
/// </summary>
/// <param name="programName">The guest's first argument.</param>
public sealed class WasiConfiguration(string programName)
{
    private readonly List<string> _arguments = [];
    private readonly List<(string Name, string Value)> _environment = [];
    private readonly List<(string Folder, string GuestPath)> _folders = [];
    private bool _stdout;
    private bool _stderr;

    /// <summary>Arguments after the program's name.</summary>
    public WasiConfiguration WithArgs(IEnumerable<string> arguments)
    {
        _arguments.AddRange(arguments);
        return this;
    }

    /// <summary>An environment variable.</summary>
    public WasiConfiguration WithEnvironmentVariable(string name, string value)
    {
        _environment.Add((name, value));
        return this;
    }

    /// <summary>A folder that the guest may use, with all that is in it.</summary>
    /// <param name="folder">The host's path.</param>
    /// <param name="guestPath">The path that it has for the guest.</param>
    public WasiConfiguration WithPreopenedDirectory(string folder, string guestPath)
    {
        _folders.Add((folder, guestPath));
        return this;
    }

    /// <summary>The guest's stdout is this process's file descriptor 1; without it, it is thrown away.</summary>
    public WasiConfiguration WithInheritedStandardOutput()
    {
        _stdout = true;
        return this;
    }

    /// <summary>The guest's stderr is this process's file descriptor 2; without it, it is thrown away.</summary>
    public WasiConfiguration WithInheritedStandardError()
    {
        _stderr = true;
        return this;
    }

    internal WasiConfigHandle ToNative()
    {
        var config = Native.wasi_config_new(programName).Owned("wasi_config_new");
        foreach (var argument in _arguments) Native.wasi_config_arg(config, argument);
        foreach (var (name, value) in _environment) Native.wasi_config_env(config, name, value);
        Native.wasi_config_inherit_stdin(config);
        if (_stdout) Native.wasi_config_inherit_stdout(config);
        else Native.wasi_config_capture_stdout(config);
        if (_stderr) Native.wasi_config_inherit_stderr(config);
        else Native.wasi_config_capture_stderr(config);
        foreach (var (folder, guestPath) in _folders)
        {
            if (!Native.wasi_config_mapdir(config, guestPath, folder))
                throw new WasmerException(LastError.Take() ?? $"{folder} can't be preopened");
        }

        return config;
    }
}

/// <summary>One name that WASI defines.</summary>
/// <param name="Module">The namespace, or <c>wasi</c> for <c>thread-spawn</c>.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Item">The function.</param>
public sealed record WasiDefinition(string Module, string Name, Extern Item);

/// <summary>
/// A guest's WASI: one environment, whatever namespaces the guest mixes. Define its functions in a linker, instantiate, and
/// <see cref="Initialize"/> before the guest runs.
/// </summary>
public sealed class Wasi
{
    /// <summary>The namespaces that Wasmer knows.</summary>
    public static readonly ImmutableArray<string> Namespaces = ["wasi_unstable", "wasi_snapshot_preview1", "wasix_32v1", "wasix_64v1"];

    private readonly Engine _engine;
    private readonly Store _store;
    private readonly WasiEnvironmentHandle _environment;
    private readonly Dictionary<string, ImmutableArray<WasiDefinition>> _namespaces = new(StringComparer.Ordinal);
    private bool _initialized;

    /// <summary>Makes the environment.</summary>
    /// <exception cref="WasmerException">A preopened folder isn't there; with Wasmer's words.</exception>
    public Wasi(Engine engine, Store store, WasiConfiguration configuration)
    {
        _engine = engine;
        _store = store;
        using var config = configuration.ToNative();
        _environment = store.Keep(Native.wasi_env_new(store.Handle, config.Give()).Owned("wasi_env_new"));
        store.Keep(this);
    }

    /// <summary>
    /// All functions of a namespace, in this environment; empty for a name that is none of <see cref="Namespaces"/>. The C API tells the
    /// functions of one namespace, which it chooses by looking at a module: so it is shown one that imports from just this.
    /// </summary>
    public ImmutableArray<WasiDefinition> GetNamespace(string name)
    {
        if (!Namespaces.Contains(name)) return [];
        if (_namespaces.TryGetValue(name, out var known)) return known;
        var definitions = new List<WasiDefinition>();
        foreach (var named in _store.Keep(new NamedExternVectorHandle(_environment, _engine.WasiProbe(name).Handle)).Elements)
        {
            unsafe
            {
                definitions.Add(new WasiDefinition(
                    Module.Text(Native.wasmer_named_extern_module(named)),
                    Module.Text(Native.wasmer_named_extern_name(named)),
                    new Extern(_store, Native.wasmer_named_extern_unwrap(named))));
            }
        }

        return _namespaces[name] = [.. definitions];
    }

    /// <summary>Gives the environment the guest's memory, which its functions read and write.</summary>
    /// <param name="instance">An instance that exports a memory. Until this was called, a WASI call of the guest (from a start function)
    /// makes Wasmer end the
    /// whole process.</param>
    /// <exception cref="WasmerException">The instance exports no memory.</exception>
    public void Initialize(Instance instance)
    {
        // Wasmer would end the process.
        if (!instance.ExportsMemory) throw new WasmerException("a WASI guest must export its memory");
        if (!Native.wasi_env_initialize_instance(_environment, _store.Handle, instance.Handle))
            throw new WasmerException(LastError.Take() ?? "wasi_env_initialize_instance failed without a word");
        _initialized = true;
    }

    /// <summary>An environment that was never initialised ends the process when it is deleted: it gets a memory that nobody uses.</summary>
    internal void MakeDeletable()
    {
        if (!_initialized) Initialize(new Instance(_store, _engine.MemoryProbe));
    }
}
