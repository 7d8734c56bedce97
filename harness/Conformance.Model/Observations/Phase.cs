namespace Conformance.Model.Observations;

/// <summary>The steps of a cell, in order. Runtimes part at the earliest phase where their observations differ.</summary>
public enum Phase
{
    /// <summary>The module's bytes are read.</summary>
    Load,

    /// <summary>They are validated and compiled.</summary>
    Compile,

    /// <summary>Imports are resolved and the module is instantiated.</summary>
    Link,

    /// <summary>The start function (the wasm one) and <c>_initialize</c> run.</summary>
    Start,

    /// <summary>The entry function runs.</summary>
    Run,

    /// <summary>It has come back and its counts are read.</summary>
    Observe,
}

/// <summary>How phases are written in reports, manifests and for people.</summary>
public static class PhaseWords
{
    /// <summary>The word of a phase, such as <c>link</c>.</summary>
    public static string Word(this Phase phase) => phase.ToString().ToLowerInvariant();
}
