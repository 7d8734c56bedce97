using System.Reflection;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;

namespace Conformance.UnitTests.Architecture;

/// <summary>Dependencies point one way, between projects and between the rooms of one.</summary>
[TestFixture]
public sealed class LayerTests
{
    private static readonly string[] Projects = ["Wasm", "Machine",
        "Model", "Manifests", "Protocol", "Engine", "Reporting", "History", "NUnit", "Cli", "CounterServer", "Runtimes.Hosting", "Wasmer"];

    [TestCaseSource(nameof(Projects))]
    public void No_namespaces_go_round_in_a_circle(string project)
    {
        var rule = SliceRuleDefinition.Slices().Matching($"Conformance.{project}.(*)").Should().BeFreeOfCycles();
        var failures = rule.Evaluate(Loaded(project)).Where(result => !result.Passed).Select(result => result.Description).ToList();
        Assert.That(failures, Is.Empty);
    }

    [TestCaseSource(nameof(References))]
    public void A_project_uses_only_those_below_it(string project, string[] below) =>
        Assert.That(Assembly.Load($"Conformance.{project}").GetReferencedAssemblies().Select(other => other.Name!).Where(
            name => name.StartsWith("Conformance.", StringComparison.Ordinal)), Is.SubsetOf(below.Select(name => $"Conformance.{name}")));

    /// <summary>The engine serves whoever runs it: it knows no form of a report, no test framework and no command line.</summary>
    private static IEnumerable<TestCaseData> References() =>
    [
        Layer("Wasm"),
        Layer("Machine"),
        Layer("Wasmer"),
        Layer("Model", "Wasm"),
        Layer("Manifests", "Model", "Wasm", "Machine"),
        Layer("Protocol", "Model", "Wasm"),
        Layer("CounterServer", "Model"),
        Layer("Reporting", "Model", "Wasm", "Machine"),
        Layer("History", "Model", "Wasm", "Machine", "Reporting"),
        Layer("Engine", "Model", "Wasm", "Machine", "Manifests", "Protocol", "CounterServer"),
        Layer("NUnit", "Model", "Wasm", "Machine", "Manifests", "Engine", "Reporting", "CounterServer"),
        Layer("Cli", "Model", "Wasm", "Machine", "Manifests", "Protocol", "Engine", "Reporting", "History", "CounterServer"),
        Layer("Runtimes.Hosting", "Model", "Wasm", "Machine", "Protocol"),
    ];

    private static TestCaseData Layer(string project, params string[] below) =>
        new TestCaseData(project, below).SetArgDisplayNames(project);

    private static ArchUnitNET.Domain.Architecture Loaded(string project) =>
        new ArchLoader().LoadAssemblies(Assembly.Load($"Conformance.{project}")).Build();
}
