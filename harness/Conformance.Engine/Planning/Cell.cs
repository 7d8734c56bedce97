using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Planning;

/// <summary>Module × scenario × runtime: what is run and judged.</summary>
public sealed record Cell(ModuleManifest Module, Scenario Scenario, RuntimeManifest Runtime)
{
    /// <summary>Its name in reports and on the command line.</summary>
    public CellId Id => new(Module.Id, Scenario.Id, Runtime.Id);

    /// <summary>The cell's name for people, <c>wasmtime · counter-go · ten increments</c>.</summary>
    public string Title => $"{Runtime.Id} · {Module.Id} · {Scenario.Title}";
}
