using Conformance.Tests.CommandLine;

namespace Conformance.Tests.Faults;

/// <summary>
/// Limits of the shell that the command was started in, and a machine that lacks what every machine has: exit code 3, in a line.
/// </summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class ShellLimitTests
{
    [TestCase("ulimit -n 64", "processes are limited to 64 open files here (ulimit -n): engines need 256")]
    [TestCase("ulimit -v 8000000", "processes are limited to 8,192,000,000 bytes of address space here (ulimit -v): engines need 1,099,511,627,776")]
    [TestCase("export TMPDIR=/dev/null/tmp", "the temporary folder /dev/null/tmp/ can't be used: ")]
    [TestCase("export CONFORMANCE_HOME=/dev/null/home", "the cache folder /dev/null/home/cache can't be used: ")]
    [TestCase("needs unshare -n", "the counter server can't listen on 127.0.0.1:0: ")]
    public async Task It_is_told_and_no_cell_is_judged_by_it(string circumstance, string words)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("the limits are those of Linux");
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var inside = circumstance.StartsWith("needs ", StringComparison.Ordinal) ? circumstance[6..] : "";
        if (inside.Length > 0 && Processes.Run("unshare", "-n", "true") != 0) Assert.Inconclusive("namespaces: this user may make none");
        var command = string.Join(' ', ((string[])["dotnet", Repository.Built("Conformance.Cli"), "run", "--out", matrix.Sub("out"),
            .. matrix.Folders]).Select(argument => $"'{argument}'"));
        var (exit, output) = await Shell.TryAsync(matrix.Sub("."), "bash", "-c",
            $"export CONFORMANCE_OFFLINE=1; {(inside.Length > 0 ? "" : circumstance + ";")} {inside} {command}");
        Assert.That(exit, Is.EqualTo(3), output);
        Assert.That(output.TrimEnd().Split('\n'), Has.Length.EqualTo(1), output);
        Assert.That(output, Does.StartWith($"conformance: {words}"));
    }

    [Test]
    public async Task A_user_without_a_home_has_one()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var environment = new Dictionary<string, string?> { ["HOME"] = null, ["XDG_DATA_HOME"] = null, ["CONFORMANCE_HOME"] = null };
        var result = await Command.RunAsync(environment, ["run", "--out", matrix.Sub("out"), .. matrix.Folders]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }
}
