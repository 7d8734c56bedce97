using Conformance.CounterServer;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using Conformance.Tests.Servers;

namespace Conformance.Tests.Faults;

/// <summary>A counter server that goes while cells run: they are run again, or not at all; none fails by it.</summary>
[Category("faults")]
[TestFixture]
[NonParallelizable]
public sealed class LostServerTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Category("Portable")]
    [Test]
    public async Task One_that_is_started_again_costs_no_cell()
    {
        await using var server = await LosableServer.StartAsync(lives: 2);
        var run = new RecordedRun { AfterCell = cell => { if (cell.Scenario == "ten-increments-2") server.Lose(); } };
        await new MatrixRun(Plan(5), server, new RunOptions { Jobs = 1 }, run).RunAsync(default);
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.EqualTo(Enumerable.Repeat(Verdict.Pass, 5)));
        Assert.That(server.Restarts, Is.EqualTo(1));
    }

    [Category("Portable")]
    [Test]
    public async Task What_was_counted_by_a_server_that_was_lost_meanwhile_is_counted_again()
    {
        // Lost between a guest's requests and the question what they were: the new one knows nothing of them.
        await using var server = await LosableServer.StartAsync(lives: 2);
        server.LoseAtJournal = 3;
        var run = new RecordedRun();
        await new MatrixRun(Plan(5), server, new RunOptions { Jobs = 1 }, run).RunAsync(default);
        Assert.That(run.Cells.Select(cell => (cell.Verdict, cell.Observation.Counts)),
            Is.EqualTo(Enumerable.Repeat((Verdict.Pass, new Counts(10, 10, 10)), 5)));
        Assert.That(server.Restarts, Is.EqualTo(1));
    }

    [Category("Portable")]
    [Test]
    public async Task One_that_cannot_be_started_again_leaves_its_cells_not_run()
    {
        await using var server = await LosableServer.StartAsync(lives: 1);
        var run = new RecordedRun { AfterCell = cell => { if (cell.Scenario == "ten-increments-2") server.Lose(); } };
        await new MatrixRun(Plan(5), server, new RunOptions { Jobs = 1, Repeat = 2 }, run).RunAsync(default);
        Assert.That(run.Cells.Select(cell => cell.Verdict),
            Is.EqualTo(new[] { Verdict.Pass, Verdict.Pass, Verdict.NotRun, Verdict.NotRun, Verdict.NotRun }));
        Assert.That(run.Cells[^1].Reason, Is.EqualTo("the counter server is gone"));
    }

    [Test]
    public async Task A_container_that_is_killed_is_started_again_once_and_the_report_says_so()
    {
        var engine = await ContainerTests.RequireEngineAsync();
        await using var server = await ContainerCounterServer.StartAsync(engine,
            Repository.Root, ServerVariant.Correct, 0, "asked for", Engine.Waiting.Silent, default);
        var kills = 0;
        var run = new RecordedRun { AfterCell = cell => Kill(cell, "ten-increments-2") };
        await new MatrixRun(Plan(4), server, new RunOptions { Jobs = 1 }, run).RunAsync(default);
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.EqualTo(Enumerable.Repeat(Verdict.Pass, 4)), run.Cells[^1].Run.Text);
        Assert.That((kills, server.Info.Why), Is.EqualTo((1, "asked for; it was lost once, and started again")));
        Assert.That(run.Header!.Server.Why, Is.EqualTo(server.Info.Why));

        run = new RecordedRun { AfterCell = cell => Kill(cell, "ten-increments-1") };
        await new MatrixRun(Plan(3), server, new RunOptions { Jobs = 1 }, run).RunAsync(default);
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.EqualTo(new[] { Verdict.Pass, Verdict.NotRun, Verdict.NotRun }));
        Assert.That(run.Cells[^1].Reason, Does.StartWith("the counter server at http://127.0.0.1:")
            .And.EndWith("after it had been started again"));

        void Kill(CellLine cell, string scenario)
        {
            if (cell.Scenario != scenario) return;
            kills++;
            ContainerTests.KillAsync(engine, server.ContainerId).GetAwaiter().GetResult();
        }
    }

    private Engine.Planning.Plan Plan(int cells) => Fakes.Plan(RuntimeFaultTests.Repeated(cells), Fakes.Runtime(_folder, "counts"));

    /// <summary>An embedded server that can be lost, and started again so many times.</summary>
    private sealed class LosableServer : ICounterServer
    {
        private readonly int _lives;
        private EmbeddedCounterServer _server;
        private int _journals;
        private bool _isLost;

        private LosableServer(int lives, EmbeddedCounterServer server) => (_lives, _server) = (lives, server);

        public static async Task<LosableServer> StartAsync(int lives) =>
            new(lives, await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default));

        /// <summary>Which question about a journal has no answer; 0: each has.</summary>
        public int LoseAtJournal { get; set; }

        public ServerInfo Info => _server.Info;

        public string Url => _server.Url;

        public int Restarts { get; private set; }

        public void Lose()
        {
            _isLost = true;
            _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        public async Task<Journal?> TakeJournalAsync(CounterKey counter, CancellationToken cancellation)
        {
            if (++_journals == LoseAtJournal) Lose();
            return _isLost ? null : await _server.TakeJournalAsync(counter, cancellation);
        }

        public async Task<string?> RestoreAsync(int restarts, CancellationToken cancellation)
        {
            if (!_isLost || Restarts != restarts) return null;
            if (Restarts + 1 == _lives) return "the counter server is gone";
            _server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, cancellation);
            _isLost = false;
            Restarts++;
            return null;
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
