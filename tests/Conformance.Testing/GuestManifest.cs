namespace Conformance.Testing;

/// <summary>A guest's manifest as text, for tests that run it or read it: right in everything that a test does not say.</summary>
/// <param name="Wasm">The binary's file name, beside the manifest.</param>
/// <param name="Sha256">Of the binary, lower-case hex.</param>
public sealed record GuestManifest(string Wasm, string Sha256)
{
    /// <summary>The counter's two host functions, as most guests import them.</summary>
    public const string CounterImports = """
        [imports.env."main.incrementCount"]
        request = "PUT /add"

        [imports.env."main.getCount"]
        request = "GET /count"
        returns = "body"
        """;

    /// <summary>One scenario that expects nothing but to get through.</summary>
    public const string OneScenario = "[[scenarios]]\nid = \"only\"\n[scenarios.expect]\n";

    public string Title { get; init; } = "a guest of a test";

    /// <summary>As manifests have it.</summary>
    public string Kind { get; init; } = "wasi-command";

    /// <summary>Lines before the first table, such as <c>proposals = ["simd"]</c>.</summary>
    public string Keys { get; init; } = "";

    /// <summary>Everything from the first table on.</summary>
    public string Tables { get; init; } = OneScenario;

    /// <summary>The manifest.</summary>
    public override string ToString() => $"""
        title = "{Title}"
        wasm = "{Wasm}"
        sha256 = "{Sha256}"
        kind = "{Kind}"
        toolchain = "a test"
        {Keys}

        {Tables}
        """;
}
