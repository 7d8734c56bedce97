
namespace Conformance.Wasmer;

/// <summary>
/// Definitions by module and name, for instantiating in one store. The C API links by position; this is the names' side of it.
/// </summary>
public sealed class Linker(Store store)
{
    private readonly Dictionary<(string Module, string Name), Extern> _definitions = [];

    /// <summary>Defines a name, or defines it anew.</summary>
    public void Define(string module, string name, Extern item) => _definitions[(module, name)] = item;

    /// <summary>Defines a host function.</summary>
    public void DefineFunction(string module, string name, FunctionType type, HostFunction callback) =>
        Define(module, name, Function.FromCallback(store, type, callback));

    /// <summary>Defines all that a WASI environment offers a module, in every namespace that the module imports from.</summary>
    public void DefineWasi(Wasi wasi, Module module)
    {
        foreach (var name in module.Imports.Select(i => i.ModuleName).Distinct())
        {
            foreach (var definition in wasi.GetNamespace(name)) Define(definition.Module, definition.Name, definition.Item);
        }
    }

    /// <summary>What a name is defined as; null where it isn't.</summary>
    public Extern? Get(string module, string name) => _definitions.GetValueOrDefault((module, name));

    /// <summary>Instantiates a module with what is defined.</summary>
    /// <exception cref="LinkException">An import is missing or doesn't fit: the first such one, in Wasmer's words.</exception>
    /// <exception cref="TrapException">The start function did not return.</exception>
    public Instance Instantiate(Module module) =>
        new(store, module, [.. module.Imports.Select(i => Get(i.ModuleName, i.Name)).TakeWhile(item => item is not null).OfType<Extern>()]);
}
