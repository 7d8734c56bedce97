using Conformance.Machine;
using Conformance.Tests.CommandLine;

namespace Conformance.Tests.Faults;

/// <summary>Two runs that would write in one folder.</summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
[NonParallelizable]
public sealed class SharedFolderTests
{
    [TestCase("run")]
    [TestCase("merge")]
    public async Task The_second_writer_is_told_who_the_first_is_and_changes_nothing(string command)
    {
        using var matrix = new FakeMatrix("counter-a", "counter-b");
        matrix.Runtime("steady", "counts");
        matrix.Runtime("stuck", "hangs");
        var output = matrix.Sub("out");
        using var first = await Command.StartAsync("pass ", ["run", "--out", output, "--time-limit", "60", .. matrix.Folders]);
        var part = matrix.Sub("part");
        Assert.That((await Command.RunAsync(["run", "-r", "steady", "--shard", "1/1", "--out", part, .. matrix.Folders])).ExitCode, Is.Zero);
        var report = await File.ReadAllTextAsync(Path.Combine(output, "report.jsonl"));
        string[] arguments = command == "run" ? ["run", "-r", "steady", "--out", output, .. matrix.Folders] : ["merge", part, "--out", output];
        var second = await Command.RunAsync(arguments);
        Assert.That(second.ExitCode, Is.EqualTo(3), second.Output);
        Assert.That(second.Error.TrimEnd(), Does.StartWith($"conformance: --out {output} is being written by process {first.Id}, since ")
            .And.EndWith("one run at a time writes in a folder; name another folder, or wait"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(output, "report.jsonl")), Does.StartWith(report));

        // However it ends, the folder is free again.
        var workers = Processes.Descendants(first.Id);
        first.Kill();
        await first.EndAsync();
        Processes.End(workers.SelectMany(worker => Processes.Descendants(worker.Id).Append(worker))
            .Select(process => process.Id).Distinct());
        Assert.That((await Command.RunAsync(arguments)).ExitCode, Is.Zero);
    }

    [Test]
    public void A_folder_is_its_holders_by_whatever_name_and_free_again_without_a_trace()
    {
        using var folder = new TemporaryFolder();
        using (FolderLock.Take(folder.Sub("out")))
        {
            Directory.CreateSymbolicLink(folder.Sub("link"), folder.Sub("out"));
            Assert.That(Assert.Throws<FolderTakenException>(() => FolderLock.Take(folder.Sub("out")))!.Message,
                Does.Contain($"process {Environment.ProcessId}, since "));
            Assert.That(() => FolderLock.Take(folder.Sub("link")), Throws.TypeOf<FolderTakenException>());
            Assert.That(() => FolderLock.Take(folder.Sub("out") + "/../out"), Throws.TypeOf<FolderTakenException>());
        }

        FolderLock.Take(folder.Sub("link")).Dispose();
        Assert.That(Directory.GetFileSystemEntries(folder.Sub("out")), Is.Empty);
    }

    [Test]
    public async Task Of_many_who_want_a_lock_one_at_a_time_has_it()
    {
        using var folder = new TemporaryFolder();
        var inside = 0;
        var most = 0;
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, token) =>
        {
            FileStream? taken;
            while ((taken = ProcessLock.TryTake(folder.Sub("lock"))) is null) await Task.Yield();
            using (taken)
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                // Another who got in has its turn now.
                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
        });
        Assert.That(most, Is.EqualTo(1));
    }
}
