using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;

namespace Conformance.UnitTests.Architecture;

/// <summary>Dependencies point one way, between projects and between the rooms of one.</summary>
[TestFixture]
public sealed class LayerTests
{
    private static readonly string[] Projects = ["Model", "Protocol", "Engine", "Reporting", "History", "NUnit", "Cli", "CounterServer", "Runtimes.Hosting", "Wasmer"];

    [TestCaseSource(nameof(Projects))]
    public void No_namespaces_go_round_in_a_circle(string project)
    {
        var rule = SliceRuleDefinition.Slices().Matching($"Conformance.{project}.(*)").Should().BeFreeOfCycles();
        var failures = rule.Evaluate(Loaded(project)).Where(result => !result.Passed).Select(result => result.Description).ToList();
        Assert.That(failures, Is.Empty);
    }

    private static ArchUnitNET.Domain.Architecture Loaded(string project) => new ArchLoader().LoadAssemblies(System.Reflection.Assembly.Load($"Conformance.{project}")).Build();
}
