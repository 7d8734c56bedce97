using System.Collections.Immutable;
using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>What a guest is given.</summary>
/// <param name="Imports">The manifest's host functions.</param>
/// <param name="Definitions">Its memories, tables and globals.</param>
/// <param name="Functions">What the host functions do.</param>
/// <param name="Run">The cell; null where an import is only asked about.</param>
public sealed record GuestSetup(ImmutableArray<DeclaredImport> Imports,
    ImmutableArray<DefinedImport> Definitions, HostFunctions Functions, RunParams? Run)
{
    /// <summary>What <c>argv</c> is: the program's name, then the cell's arguments.</summary>
    public ImmutableArray<string> Arguments => Run?.Arguments ?? [];
}

/// <summary>
/// One instance of one module in an engine that is bound in C#, with all that lives and ends with it. Its phases are
/// <see cref="EngineCell{TModule}"/>'s.
/// </summary>
public abstract class EngineGuest<TModule> : IDisposable
    where TModule : class, IDisposable
{
    /// <summary>What it printed so far.</summary>
    public abstract (CapturedText Stdout, CapturedText Stderr) Output { get; }

    /// <summary>Instantiates the module, its start function included.</summary>
    public abstract void Instantiate(CompiledModule<TModule> module);

    /// <summary>Is called once between the instance's making and the first call of an export.</summary>
    /// <returns>Why the guest can't be entered, or null.</returns>
    public virtual Ending? BeforeFirstCall(CompiledModule<TModule> module) => null;

    /// <summary>Calls an exported function that takes nothing.</summary>
    /// <param name="export">Its place in the export section, and its name.</param>
    /// <returns>Its results as decimal text, separated by spaces; null where it has none.</returns>
    public abstract string? Call((int Position, string Name) export);

    /// <summary>The end of all that is the guest's.</summary>
    public abstract void Dispose();

    /// <summary>Results as reports have them: of a function that returns nothing, one value, or an array of several.</summary>
    protected static string? Decimal(object? results) => results switch
    {
        null => null,
        object[] several => string.Join(' ', several.Select(Decimal)),
        var one => Convert.ToString(one, CultureInfo.InvariantCulture),
    };
}
