using System.Collections.Immutable;
using Conformance.Engine.Judging;
using Conformance.Manifests;
using Conformance.Model.Comparing;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Updating;

/// <summary>Turns what one module's cells did into changes of its manifest.</summary>
internal sealed class ModuleUpdate(ModuleManifest module,
    ImmutableArray<RuntimeManifest> runtimes, HeaderLine header, string text, Grounds grounds)
{
    /// <summary>What stands in a runtime's place where it is about how they agree.</summary>
    public const string Agreeing = "agreement";

    private readonly ManifestEditor _editor = new(text);
    private readonly List<string> _needsReason = [];
    private readonly Dictionary<(string Scenario, string What), string> _left = [];

    public ModuleManifest Module => module;

    public string Before => text;

    /// <summary>The text with the changes so far.</summary>
    public string Text => _editor.Result;

    public ImmutableArray<string> NeedsReason => [.. _needsReason];

    /// <summary>Why a runtime's cell or the split was left alone, or null.</summary>
    public string? WhyLeft(Scenario scenario, string what) => _left.GetValueOrDefault((scenario.Id, what));

    private KeyValuePair<string, string?>[] Grounds =>
        [new("reason", TomlText.Write(grounds.Reason)), new("link", TomlText.Write(grounds.Link))];

    /// <summary>Makes one scenario expect what was observed of it.</summary>
    public void Change(int index, List<CellLine> cells, Agreement? agreement)
    {
        var scenario = module.Scenarios[index];
        var open = new List<CellLine>();
        foreach (var cell in cells.Where(cell => cell.Verdict.IsUnexpected()))
        {
            if (Unusable(cell) is { } why) Leave(scenario, cell.Runtime, why);
            else open.Add(cell);
        }

        if (open.Count > 0 && !_editor.HasTables(index, "differences"))
        {
            foreach (var cell in open)
                Leave(scenario, cell.Runtime, "the scenario's differences are written in a form that is not changed here; do it by hand");
            open.Clear();
        }

        var expect = scenario.Expect;
        if (Common(scenario, cells, open) is { } common)
        {
            if (ChangeExpectation(index, scenario, common))
            {
                expect = ObservedOutcome.Expected(scenario.Expect, common);
            }
            else
            {
                foreach (var cell in open.Where(cell => Difference(scenario, cell.Runtime) is null))
                    Leave(scenario, cell.Runtime, "what the scenario expects is written in a form that is not changed here; do it by hand");
            }

            open.RemoveAll(cell => Difference(scenario, cell.Runtime) is null);
        }

        // Entry → the runtimes that it no longer counts for.
        var gone = new Dictionary<int, List<string>>();
        foreach (var cell in open) ChangeDifference(index, scenario, expect, cell, cells, gone);
        if (agreement?.Verdict?.IsUnexpected() == true) ChangeSplit(index, scenario, agreement);
    }

    /// <summary>Why a cell says nothing that could be expected from now on.</summary>
    private static string? Unusable(CellLine cell) =>
        cell.Verdict is Verdict.Crashed or Verdict.TimedOut or Verdict.Flaky ? $"it is {cell.Verdict.Word()}"
        : cell.Outcome.Code is OutcomeCodes.HostCallFailed or OutcomeCodes.Unmapped ? $"it is {cell.Outcome.Code}"
        : cell.Departures.Any(departure => departure.What == Departure.Declaration)
            ? "what is declared has expired: declare it anew with another date, or mend it"
        : null;

    /// <summary>
    /// What all runtimes of which nothing else is declared do now, if they do the same and it is not what is expected: one of them, or
    /// null.
    /// </summary>
    private CellLine? Common(Scenario scenario, List<CellLine> cells, List<CellLine> open)
    {
        var plain = cells.Where(cell => cell.Verdict.WasRun() && Unusable(cell) is null && Difference(scenario, cell.Runtime) is null)
            .ToList();
        var all = runtimes.Count(runtime => Difference(scenario, runtime.Id) is null);
        return plain.Count > 0 && plain.All(open.Contains) && plain.All(cell => Comparison.Agree(cell.Observation, plain[0].Observation))
            && (plain.Count > 1 || plain.Count == all) ? plain[0] : null;
    }

    private bool ChangeExpectation(int index, Scenario scenario, CellLine cell)
    {
        var outcome = ObservedOutcome.Changes(scenario.Expect, cell);
        var fails = outcome.Any(pair => pair.Key == "fails");
        if (fails) _needsReason.Add($"{module.Id} · {scenario.Id}");
        var changes = ObservedOutcome.Keys.Where(key => !outcome.Any(pair => pair.Key == key) && (fails || key == "fails"))
            .Select(key => KeyValuePair.Create(key, (string?)null))
            .Concat(outcome)
            .Concat(fails ? Grounds : [new("reason", null), new("link", null), new("until", null)]);
        return _editor.SetExpectation(index, [.. changes]);
    }

    private void ChangeDifference(int index, Scenario scenario,
        Expectation expect, CellLine cell, List<CellLine> cells, Dictionary<int, List<string>> gone)
    {
        var place = Difference(scenario, cell.Runtime);
        var outcome = ObservedOutcome.Changes(expect, cell);
        if (place is { } declared)
        {
            var difference = scenario.Differences[declared];
            if (!gone.TryGetValue(declared, out var without)) gone[declared] = without = [];
            var covered = runtimes.Where(runtime => Difference(scenario, runtime.Id) == declared).Select(runtime => runtime.Id).ToList();
            if (difference.When.RuntimeVersion is { } versions)
            {
                Leave(scenario, cell.Runtime,
                    $"the difference in line {difference.Line} is about versions {versions.Text}; change them by hand");
            }
            else if (outcome.Count == 0)
            {
                // It does what all do. An entry about others as well stays while any of them departs or was not seen.
                if (covered.All(id => cells.Any(
                    other => other.Runtime == id && other.Verdict.WasRun() && ObservedOutcome.Changes(expect, other).Count == 0)))
                {
                    if (without.Count == 0) _editor.RemoveEntry(index, "differences", declared);
                    without.Add(cell.Runtime);
                }
                else
                {
                    Leave(scenario, cell.Runtime, $"the difference in line {difference.Line} is about {string.Join(", ", covered)}, and not all of them were seen to do without; change it by hand");
                }
            }
            else if (without.Count + 1 < covered.Count)
            {
                Add(declared);
                without.Add(cell.Runtime);
            }
            else
            {
                // The last one that it counts for has it for itself.
                _needsReason.Add($"{module.Id} · {scenario.Id} · {cell.Runtime}");
                KeyValuePair<string, string?>[] name = covered is [_] ? [] : [new("runtime", TomlText.Write(cell.Runtime))];
                _editor.SetEntry(
                    index, "differences", declared, [.. name, .. ObservedOutcome.Keys.Where(key => !outcome.Any(pair => pair.Key == key))
                        .Select(key => KeyValuePair.Create(key, (string?)null)), .. outcome, .. Grounds]);
            }
        }
        else if (outcome.Count > 0)
        {
            Add(null);
        }
        else
        {
            Leave(scenario, cell.Runtime,
                "it gets through where all are expected to fail, and no difference can say so; change what the scenario expects by hand");
        }

        void Add(int? before)
        {
            _needsReason.Add($"{module.Id} · {scenario.Id} · {cell.Runtime}");
            // Beside entries about one server variant, this one is about the run's.
            var variant = scenario.Differences.Any(other => other.When.ServerVariant is not null)
                || header.Server.Variant != "correct" ? TomlText.Write(header.Server.Variant) : null;
            _editor.AddEntry(index, "differences", before,
                [new("runtime", TomlText.Write(cell.Runtime)), new("server-variant", variant), .. outcome, .. Grounds]);
        }
    }

    private void ChangeSplit(int index, Scenario scenario, Agreement agreement)
    {
        var here = Circumstances.Here(header.Server.Variant, runtimeVersion: null);
        var place = scenario.Splits.ToList().FindIndex(here.Meet);
        // Without a declared one, the outcomes say how the runtimes part, and they are up to date now.
        if (place < 0) return;
        var split = scenario.Splits[place];
        if (split.Until < here.Today)
        {
            Leave(scenario, Agreeing, "the split has expired: declare it anew with another date, or mend it");
        }
        else if (!_editor.HasTables(index, "splits"))
        {
            Leave(scenario, Agreeing, "the split is written in a form that is not changed here; do it by hand");
        }
        else if (runtimes.Any(runtime => !agreement.Groups.Any(group => group.Contains(runtime.Id))))
        {
            Leave(scenario, Agreeing, "not all runtimes of the split were seen; change it by hand");
        }
        else if (agreement.Result == AgreementResult.Unanimous)
        {
            _editor.RemoveEntry(index, "splits", place);
        }
        else
        {
            _needsReason.Add($"{module.Id} · {scenario.Id} · split");
            var changes = new List<KeyValuePair<string, string?>> { new("groups", TomlText.Write(agreement.Groups)) };
            if (split.Phase is not null) changes.Add(new("phase", TomlText.Write(agreement.Phase!.Value)));
            _editor.SetEntry(index, "splits", place, [.. changes, .. Grounds]);
        }
    }

    /// <summary>The place of the difference that counts for a runtime here.</summary>
    private int? Difference(Scenario scenario, string runtime)
    {
        var circumstances = Circumstances.Here(header.Server.Variant, header.Runtimes.FirstOrDefault(info => info.Id == runtime)?.Version);
        var place = scenario.Differences.ToList().FindIndex(difference => circumstances.Meet(difference.When, runtime));
        return place < 0 ? null : place;
    }

    private void Leave(Scenario scenario, string what, string why) => _left[(scenario.Id, what)] = why;
}
