using Conformance.Model.Modules;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Planning;

/// <summary>Module × scenario × runtime: what is run and judged.</summary>
public sealed record Cell(ModuleManifest Module, Scenario Scenario, RuntimeManifest Runtime)
{
    /// <summary>The cell's name on the command line, <c>module/scenario/runtime</c>.</summary>
    public string Id => $"{Module.Id}/{Scenario.Id}/{Runtime.Id}";

    /// <summary>The cell's name for people, <c>wasmtime · counter-go · ten increments</c>.</summary>
    public string Title => $"{Runtime.Id} · {Module.Id} · {Scenario.Title}";
}
