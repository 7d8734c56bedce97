using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Updating;
using Conformance.Manifests;
using Conformance.Model.Observations;

namespace Conformance.Tests.Harness;

/// <summary>What manifests become by what was observed: run again, they are met.</summary>
[Category("Portable")]
[TestFixture]
public sealed class ExpectationUpdateTests
{
    private const string Link = "https://example.org/why";

    private readonly TemporaryFolder _folder = new();
    private int _modules;

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task What_all_do_is_expected_of_all()
    {
        var updated = await UpdateAsync(Manifest("counts = 11 # once eleven\nstdout = \"11\\n\""), "counts", "prints-to-stdout");
        Assert.That(updated.Update.After, Is.EqualTo(Manifest("counts = 10 # once eleven\nstdout = \"10\\n\"")));
        Assert.That(updated.Update.NeedsReason, Is.Empty);
        Assert.That(updated.Update.Left, Is.Empty);
        Assert.That(updated.Again, Is.All.EqualTo(Verdict.Pass));
    }

    [Test]
    public async Task One_that_crashes_says_nothing_of_what_the_others_do()
    {
        var updated = await UpdateAsync(Manifest("counts = 11"), "counts", "prints-to-stdout", "exits");
        Assert.That(updated.Update.After, Is.EqualTo(Manifest("counts = 10")));
        Assert.That(updated.Update.Left, Is.EqualTo(new[]
        {
            $"{updated.Module} · ten · exits: it is crashed",
            $"{updated.Module} · ten · agreement: groups: expected counts, exits, prints-to-stdout, observed counts, prints-to-stdout | exits",
        }));
        Assert.That(updated.Again, Is.EquivalentTo(new[] { Verdict.Pass, Verdict.Pass, Verdict.Crashed }));
    }

    [Test]
    public async Task Where_all_fail_alike_failing_is_expected_with_its_grounds()
    {
        var updated = await UpdateAsync(Manifest("counts = 10\nstdout = \"10\\n\""), "traps");
        Assert.That(updated.Update.After,
            Is.EqualTo(Manifest($"fails = {{ phase = \"run\", code = \"trap:unreachable\" }}\nreason = \"because\"\nlink = \"{Link}\"")));
        Assert.That(updated.Update.NeedsReason, Has.Length.EqualTo(1));
        Assert.That(updated.Again, Is.All.EqualTo(Verdict.Xfail));
    }

    [Test]
    public async Task Where_failing_was_expected_and_all_get_through_that_is_expected()
    {
        var updated = await UpdateAsync(Manifest($"fails = {{ phase = \"run\" }}\nreason = \"r\"\nlink = \"{Link}\""),
            "counts", "prints-to-stdout");
        Assert.That(updated.Update.After, Is.EqualTo(Manifest("counts = 10\nstdout = \"10\\n\"\nexit = 0")));
        Assert.That(updated.Again, Is.All.EqualTo(Verdict.Pass));
    }

    [Test]
    public async Task One_that_departs_is_declared()
    {
        var updated = await UpdateAsync(Manifest("counts = 10"), "counts", "forgets-one", "lies-about-counts", "traps");
        Assert.That(updated.Update.After, Is.EqualTo(Manifest("counts = 10") + $$"""

            [[scenarios.differences]]
            runtime = "forgets-one"
            counts = 9
            reason = "because"
            link = "{{Link}}"

            [[scenarios.differences]]
            runtime = "lies-about-counts"
            counts = { guest = 11, host = 10, server = 10 }
            reason = "because"
            link = "{{Link}}"

            [[scenarios.differences]]
            runtime = "traps"
            fails = { phase = "run", code = "trap:unreachable" }
            reason = "because"
            link = "{{Link}}"

            """));
        Assert.That(updated.Again, Is.EquivalentTo(new[] { Verdict.Pass, Verdict.Xfail, Verdict.Xfail, Verdict.Xfail }));
    }

    [Test]
    public async Task A_departure_that_no_longer_happens_goes_and_one_that_is_another_is_changed()
    {
        var updated = await UpdateAsync(
            Manifest("counts = 10") + Difference("counts", "counts = 9") + Difference("forgets-one", "counts = 8 # was eight"),
                "counts", "forgets-one");
        Assert.That(updated.Update.After, Is.EqualTo(Manifest("counts = 10") + Difference("forgets-one", "counts = 9 # was eight")
            .Replace("\"once\"", "\"because\"", StringComparison.Ordinal)));
        Assert.That(updated.Again, Is.EquivalentTo(new[] { Verdict.Pass, Verdict.Xfail }));
    }

    [Test]
    public async Task An_entry_about_several_runtimes_stays_while_any_of_them_departs()
    {
        var manifest = Manifest("counts = 10") + Difference("*", "counts = 9");
        var updated = await UpdateAsync(manifest, "counts", "forgets-one");
        Assert.That(updated.Update.After, Is.EqualTo(manifest));
        Assert.That(updated.Update.Left.Single(left => left.Contains("ten · counts", StringComparison.Ordinal)),
            Does.Contain("is about counts, forgets-one, and not all of them were seen to do without"));
    }

    [Test]
    public async Task A_runtime_within_such_an_entry_gets_its_own_before_it()
    {
        var updated = await UpdateAsync(Manifest("counts = 10") + Difference("*-*", "counts = 8"),
            "counts", "forgets-one", "lies-about-counts");
        Assert.That(updated.Update.After, Is.EqualTo(Manifest("counts = 10")
            + Difference("forgets-one", "counts = 9").Replace("\"once\"", "\"because\"", StringComparison.Ordinal)
            + Difference("lies-about-counts", "counts = { guest = 11, host = 10, server = 10 }")
                .Replace("\"once\"", "\"because\"", StringComparison.Ordinal)));
        Assert.That(updated.Again, Is.EquivalentTo(new[] { Verdict.Pass, Verdict.Xfail, Verdict.Xfail }));
    }

    [Test]
    public async Task What_has_expired_is_not_made_good_by_observing_it()
    {
        var manifest = Manifest("counts = 10") + Difference("forgets-one", "counts = 9\nuntil = \"2026-01-01\"");
        var updated = await UpdateAsync(manifest, "forgets-one");
        Assert.That((updated.Update.After, updated.Update.Left[0]), Is.EqualTo((manifest,
            $"{updated.Module} · ten · forgets-one: what is declared has expired: declare it anew with another date, or mend it")));
    }

    [Test]
    public async Task A_cell_that_changes_its_mind_is_left()
    {
        var updated = await UpdateAsync(Manifest("counts = 12"), new RunOptions { Repeat = 2 }, "lies-at-first");
        Assert.That(updated.Update.Left, Is.EqualTo(new[] { $"{updated.Module} · ten · lies-at-first: it is flaky" }));
        Assert.That(updated.Update.After, Is.EqualTo(updated.Update.Before));
    }

    [Test]
    public async Task Entries_in_a_line_are_left_to_people()
    {
        var manifest = Manifest("counts = 10").Replace("[scenarios.expect]",
            $"differences = [{{ runtime = \"forgets-one\", counts = 8, reason = \"once\", link = \"{Link}\" }}]\n\n[scenarios.expect]",
            StringComparison.Ordinal);
        var updated = await UpdateAsync(manifest, "forgets-one");
        Assert.That(updated.Update.After, Is.EqualTo(manifest));
        Assert.That(updated.Update.Left.Single(), Does.EndWith("do it by hand"));
    }

    [Test]
    public async Task A_declared_split_is_changed_to_what_was_seen()
    {
        var manifest = Manifest("counts = 10") + Difference("forgets-one", "counts = 9");
        var updated = await UpdateAsync(manifest + Split("[[\"counts\", \"forgets-one\"], [\"prints-to-stdout\"]] # who"),
            "counts", "forgets-one", "prints-to-stdout");
        Assert.That(updated.Update.After, Is.EqualTo(manifest + Split("[[\"counts\", \"prints-to-stdout\"], [\"forgets-one\"]] # who")
            .Replace("\"once\"", "\"because\"", StringComparison.Ordinal)));
        Assert.That(updated.Again, Is.EquivalentTo(new[] { Verdict.Pass, Verdict.Xfail, Verdict.Pass }));
    }

    [Test]
    public async Task A_split_that_does_not_happen_goes()
    {
        var updated = await UpdateAsync(Manifest("counts = 10") + Split("[[\"counts\"], [\"prints-to-stdout\"]]"),
            "counts", "prints-to-stdout");
        Assert.That(updated.Update.After, Is.EqualTo(Manifest("counts = 10")));
    }

    [Test]
    public async Task A_split_stays_where_not_all_of_its_runtimes_were_seen()
    {
        var manifest = Manifest("counts = 10") + Split("[[\"counts\"], [\"prints-to-stdout\"], [\"is-unavailable\"]]");
        var updated = await UpdateAsync(manifest, "counts", "prints-to-stdout", "is-unavailable");
        Assert.That((updated.Update.After, updated.Update.Left.Single()),
            Is.EqualTo((manifest, $"{updated.Module} · ten · agreement: not all runtimes of the split were seen; change it by hand")));
    }

    [Test]
    public async Task A_manifest_that_was_changed_during_the_run_is_left()
    {
        var (plan, run) = await RunAsync(Manifest("counts = 11"), new RunOptions(), ["counts"]);
        File.AppendAllText(plan.Modules[0].ManifestPath, "# saved meanwhile\n");
        var update = Update(plan, run);
        Assert.That(update.After, Does.EndWith("# saved meanwhile\n").And.EqualTo(update.Before));
        Assert.That(update.Left.Single(), Does.Contain("changed while the run went on"));
    }

    private static string Manifest(string expect)
    {
        var manifest = new GuestManifest("counter-c.wasm", "2eef074547d755962a4894ee2f3fbd8fcb87df68493ed7fb67a0391ffe1bab59")
        {
            Tables = $"""
                {GuestManifest.CounterImports}

                [[scenarios]]
                id = "ten"

                [scenarios.expect]
                {expect}

                """,
        };
        return $"# a guest for {Link} 🦘\n{manifest}";
    }

    private static string Difference(string runtime, string outcome) =>
        $"\n[[scenarios.differences]]\nruntime = \"{runtime}\"\n{outcome}\nreason = \"once\"\nlink = \"{Link}\"\n";

    private static string Split(string groups) => $"\n[[scenarios.splits]]\ngroups = {groups}\nreason = \"once\"\nlink = \"{Link}\"\n";

    private Task<(ManifestUpdate Update, string Module, List<Verdict> Again)> UpdateAsync(string manifest, params string[] behaviours) =>
        UpdateAsync(manifest, new RunOptions(), behaviours);

    private async Task<(ManifestUpdate Update, string Module,
        List<Verdict> Again)> UpdateAsync(string manifest, RunOptions options, params string[] behaviours)
    {
        var (plan, run) = await RunAsync(manifest, options, behaviours);
        var update = Update(plan, run);
        var again = await new RecordedRun().RunAsync(Fakes.Plan(ModuleManifestReader.Read(update.Path, update.After), [.. plan.Runtimes]),
            options);
        if (update.Left.IsEmpty)
        {
            Assert.That(again.Footer!.Agreements.Single().Verdict,
            Is.EqualTo(Verdict.Pass).Or.EqualTo(Verdict.Xfail), "a second run is as expected");
        }

        return (update, plan.Modules[0].Id, [.. again.Cells.Select(cell => cell.Verdict)]);
    }

    private async Task<(Plan Plan, RecordedRun Run)> RunAsync(string manifest, RunOptions options, string[] behaviours)
    {
        var id = $"guest-{Interlocked.Increment(ref _modules)}";
        var path = _folder.Write($"modules/{id}/module.toml", manifest);
        File.Copy(Path.Combine(Repository.Modules, "counter-c", "counter-c.wasm"), _folder.Sub("modules", id, "counter-c.wasm"));
        var plan = Fakes.Plan(ModuleManifestReader.Read(path), [.. behaviours.Select(behaviour => Fakes.Runtime(_folder, behaviour))]);
        return (plan, await new RecordedRun().RunAsync(plan, options));
    }

    private static ManifestUpdate Update(Plan plan, RecordedRun run) =>
        ExpectationUpdate.Create(plan, plan.Runtimes, run.Header!, run.Cells, run.Footer!.Agreements, new Grounds("because", Link))
            .Single();
}
