using System.CommandLine;
using Conformance.Cli;
using Conformance.Machine;

namespace Conformance.UnitTests.Faults;

/// <summary>A fault of our own that nobody expected.</summary>
[Category("faults")]
[NonParallelizable]
[TestFixture]
public sealed class LastResortTests
{
    [Test]
    public async Task It_is_exit_code_3_and_a_file_without_secrets()
    {
        using var folder = new TemporaryFolder();
        var home = Environment.GetEnvironmentVariable("CONFORMANCE_HOME");
        Environment.SetEnvironmentVariable("CONFORMANCE_HOME", folder.Path);
        Environment.SetEnvironmentVariable("OUR_TEST_TOKEN", "hunter22hunter");
        try
        {
            var broken = new Command("broken");
            broken.SetAction((Func<ParseResult, int>)(_ =>
                throw new InvalidOperationException("with hunter22hunter at https://me:pass@host/x")));
            var exit = await CommandExit.InvokeAsync(new RootCommand { broken }, ["broken"]);
            Assert.That(exit, Is.EqualTo(3));
            var text = await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(folder.Path, "crashes")).Single());
            Assert.That(text, Does.Contain("conformance broken").And.Contain("InvalidOperationException: with *** at https://***@host/x")
                .And.Contain(nameof(It_is_exit_code_3_and_a_file_without_secrets)).And.Not.Contain("hunter22").And.Not.Contain("me:pass"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("OUR_TEST_TOKEN", null);
            Environment.SetEnvironmentVariable("CONFORMANCE_HOME", home);
        }
    }

    [Test]
    public void What_the_machine_has_no_more_of_is_told_from_what_is_wrong()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("the numbers are Linux's and macOS's");
        Assert.That(new[] { 12, 23, 24, 28, 30 }.Select(MachineFault.IsExhausted), Is.All.True);
        Assert.That(new[] { 2, 13, 8, 21 }.Select(MachineFault.IsExhausted), Is.All.False);
        Assert.That(MachineFault.Find([("temporary", Path.GetTempPath())]), Is.Null);
        Assert.That(MachineFault.Find([("cache", "/dev/null/cache")]), Does.StartWith("the cache folder /dev/null/cache can't be used: "));
    }
}
