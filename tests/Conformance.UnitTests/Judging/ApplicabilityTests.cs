using System.Collections.Immutable;
using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Comparing;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Wasm;

namespace Conformance.UnitTests.Judging;

/// <summary>
/// What a runtime can't take or can't be given, by what it says of itself or was seen not to have, stands outside of what is compared; what
/// it refuses otherwise is a result.
/// </summary>
[TestFixture]
public sealed class ApplicabilityTests
{
    private static readonly ModuleManifest Command = Repository.Module("counter-c");

    [TestCase("commands-only", ModuleKind.WasiReactor, "run", "runs commands only")]
    [TestCase("commands-only", ModuleKind.WasiCommand, "spin", "runs commands only")]
    [TestCase("commands-only", ModuleKind.WasiCommand, "_start", null)]
    [TestCase("runs everything", ModuleKind.WasiReactor, "run", null)]
    public void A_kind_is_only_refused_by_who_says_so(string feature, ModuleKind kind, string entry, string? limit) =>
        Assert.That(Limit(Command with { Kind = kind, Scenarios = [Command.Scenarios[0] with { Entry = entry }] },
            Phase.Load, OutcomeCodes.UnsupportedKind, [feature]), Is.EqualTo(limit));

    [TestCase("host functions: composed", false, false, "can't be given")]
    [TestCase("functions-only", true, false, "can't be given")]
    [TestCase("functions-only", false, true, null)]
    [TestCase("limited-imports", false, false, "can't be given")]
    [TestCase("no-folders", false, true, "can't be given")]
    [TestCase("no-folders", true, false, null)]
    [TestCase("copied-folders", false, true, "can't be given")]
    [TestCase("copied-folders", true, false, null)]
    [TestCase("anything", true, true, null)]
    public void What_can_not_be_given_is_said_by_a_feature_and_wanted_by_the_manifest(string feature,
        bool wantsMemory, bool wantsFolder, string? limit)
    {
        var module = Command with
        {
            Definitions = wantsMemory
                ? [new HostDefinition("env", "memory", new Definition(new MemoryType(new Limits(1, null, false), false)))] : [],
            Scenarios = [Command.Scenarios[0] with { Preopens = wantsFolder ? [new Preopen("/", "/tmp")] : [] }],
        };
        Assert.That(Limit(module, Phase.Link, OutcomeCodes.Unprovidable, [feature]), Is.EqualTo(limit));
    }

    [TestCase("no-read-only-folders", true, null, "can't be given")]
    [TestCase("no-read-only-folders", false, "name", null)]
    [TestCase("no-argv0", false, "name", "can't be given")]
    [TestCase("no-argv0", true, null, null)]
    public void What_a_guest_can_not_be_given_of_its_scenario(string feature, bool isReadOnly, string? argv0, string? limit)
    {
        var scenario = Command.Scenarios[0] with { Preopens = [new Preopen("/", "/tmp", isReadOnly)], Argv0 = argv0 };
        Assert.That(Limit(Command with { Scenarios = [scenario] }, Phase.Link, OutcomeCodes.Unprovidable, [feature]), Is.EqualTo(limit));
    }

    [TestCase(Phase.Compile, OutcomeCodes.UnsupportedFeature, "gc", "without gc")]
    [TestCase(Phase.Compile, OutcomeCodes.Malformed, "gc", "without gc")]
    [TestCase(Phase.Compile, OutcomeCodes.UnsupportedFeature, null, null)]
    [TestCase(Phase.Link, OutcomeCodes.UnknownImport, "gc", null)]
    public void A_module_is_refused_for_a_proposal_that_its_runtime_was_seen_to_lack(Phase phase,
        string code, string? lacking, string? limit) => Assert.That(Limit(Command, phase, code, [], lacking), Is.EqualTo(limit));

    [Test]
    public void It_is_skipped_with_its_reason_whatever_is_declared()
    {
        var cell = Cell(Command with
        {
            Scenarios = [Command.Scenarios[0] with { Differences = [new Difference(new Conditions("*"),
                false, new Expectation { Counts = new Counts(1, 1, 1) })] }],
        });
        var judgement = Judge.Decide(cell, new Observation(RunResult.Failed(Phase.Load, OutcomeCodes.UnsupportedKind, "words")),
            Circumstances.Here("correct", "1.0"), "runs commands only");
        Assert.That((judgement.Verdict, judgement.Reason, judgement.Departures.Length),
            Is.EqualTo((Verdict.Skipped, "runs commands only", 0)));
    }

    [Test]
    public void The_others_agree_or_part_among_themselves_and_it_is_told()
    {
        var cells = SampleReport.Create(["m"], ["a", "b", "c", "d"],
            (_, runtime) => runtime is "c" or "d" ? SampleReport.Inapplicable() : SampleReport.Pass()).Cells;
        var agreement = Comparison.Agreements(cells).Single();
        Assert.That((agreement.Result, agreement.Sentence),
            Is.EqualTo((AgreementResult.Unanimous, "a, b: counted 10 three ways; not applicable to c, d: runs commands only")));
        Assert.That(Comparison.Agreements(cells.Where(cell => cell.Runtime is "c" or "d")).Single(),
            Has.Property("Result").EqualTo(AgreementResult.Unsupported).And.Property("Sentence")
            .EqualTo("no runtime ran it; not applicable to c, d: runs commands only"));
    }

    private static string? Limit(ModuleManifest module, Phase phase, string code, string[] features, string? lacking = null) =>
        Applicability.Limit(Cell(module), new Observation(RunResult.Failed(phase, code, "can't be given")), features, lacking);

    private static Cell Cell(ModuleManifest module) => new(module,
        module.Scenarios[0], Repository.Runtime("wasmtime"));
}
