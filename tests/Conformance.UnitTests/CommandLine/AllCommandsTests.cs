using Conformance.Cli.Commands;

namespace Conformance.UnitTests.CommandLine;

internal sealed class AllCommandsTests
{
    [Test]
    public void Each_command_has_the_name_that_it_is_found_by() =>
        Assert.That(AllCommands.ByName.Select(command => command.Create().Name), Is.EqualTo(AllCommands.ByName.Select(c => c.Name)));

    [TestCase("run", "--out", "there")]
    [TestCase("cache")]
    public void Who_names_a_command_has_that_one_alone(params string[] args) =>
        Assert.That(AllCommands.Root(args).Subcommands.Select(command => command.Name), Is.EqualTo(args[..1]));

    [TestCase]
    [TestCase("--help")]
    [TestCase("runs")]
    [TestCase("--version", "run")]
    public void Who_names_none_has_all(params string[] args) =>
        Assert.That(AllCommands.Root(args).Subcommands.Select(command => command.Name), Is.EqualTo(AllCommands.ByName.Select(c => c.Name)));
}
