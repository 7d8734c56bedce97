using System.Text.RegularExpressions;
using Conformance.Engine.Running;

namespace Conformance.Tests.CommandLine;

/// <summary>
/// <c>conformance check-worker</c>: it finds nothing at workers that speak the protocol, and what is wrong at those that don't.
/// </summary>
[TestFixture]
public sealed partial class CheckWorkerTests
{
    private const int Unavailable = 3;

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("wasmtime")]
    [TestCase("wasmer")]
    [TestCase("wasmer-js")]
    [TestCase("node")]
    [TestCase("chromium")]
    [TestCase("wamr")]
    [TestCase("lucet")]
    [TestCase("wazero")]
    [TestCase("node-cli")]
    public async Task Every_worker_of_ours_speaks_the_protocol_as_it_was_recorded(string runtime)
    {
        var transcript = _folder.Sub($"{runtime}.transcript");
        var result = await Command.RunAsync("check-worker", runtime, "--transcript", transcript);
        if (result.ExitCode == Unavailable) Requirement.Missing(runtime, result.Error.Trim());
        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
        Assert.That(Lines(result).Count(line => line.StartsWith("ok     ", StringComparison.Ordinal)), Is.EqualTo(21), result.Output);
        Approved.Match(Lasting(await File.ReadAllTextAsync(transcript)), $"conversation.{runtime}");
    }

    /// <summary>A conversation without what changes from one machine, one day and one version of a runtime to the next.</summary>
    private static string Lasting(string transcript)
    {
        var text = transcript.Replace(Repository.Root, "<checkout>", StringComparison.Ordinal);
        text = TemporaryFile().Replace(text, "<temporary>");
        text = HomeFolder().Replace(text, "\"<home>$1\"");
        text = CounterServer().Replace(text, "<counter>");
        text = Identity().Replace(text, "<identity>");
        text = Words().Replace(text, "$1<words>");
        text = Printed().Replace(text, "\"stderr\":<printed>");
        return Timings().Replace(text, "\"timingsMs\":<timings>");
    }

    [GeneratedRegex("[^\"' ]*/conformance-(check|command|composed|lucet|node)-[A-Za-z0-9]+")]
    private static partial Regex TemporaryFile();

    [GeneratedRegex("\"[^\"]*/conformance((/[^\"/]+)?)\"")]
    private static partial Regex HomeFolder();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex CounterServer();

    [GeneratedRegex(@"""version"":"".*?""features"":\[[^\]]*\](,""places"":(null|\[[^\]]*\]))?")]
    private static partial Regex Identity();

    /// <summary>The runtime's own, which change with its version; other tests hold them to their codes.</summary>
    [GeneratedRegex(@"(""code"":""[^""]*"",""text"":)""(?:\\.|[^""\\])*""")]
    private static partial Regex Words();

    /// <summary>What commands print there is theirs.</summary>
    [GeneratedRegex(@"""stderr"":\{""text"":""(?:\\.|[^""\\])+"",[^}]*\}")]
    private static partial Regex Printed();

    [GeneratedRegex(@"""timingsMs"":\{[^}]*\}")]
    private static partial Regex Timings();

    [Test]
    public async Task A_worker_that_links_what_must_not_link_is_found_by_the_negative_control()
    {
        var result = await CheckAsync("counts");
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Output);
        Assert.That(Lines(result),
            Has.Some.EqualTo("WRONG  a module that must not link is refused at link: phase is observe, expected link"));
        Assert.That(Lines(result), Has.Some.EqualTo(
            "WRONG  'resolve' says that an import which nobody provides is missing: providers is Host, Host, expected Host, Missing"));
        Assert.That(Lines(result), Has.Some.EqualTo("ok     'initialize' says what the worker is"));
    }

    [TestCase("answers-nonsense", "a line on stdout is not JSON: Hello, I am a runtime!")]
    [TestCase("answers-json-nonsense", "an answer with id \"nobody-asked\" came to 'run', whose id is 1")]
    [TestCase("dies-at-start", "the worker ended with exit code 3")]
    public async Task What_is_not_the_protocol_is_shown(string behaviour, string words)
    {
        var result = await CheckAsync(behaviour);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Output);
        Assert.That(Lines(result)[0], Does.StartWith("WRONG  'run' before 'initialize' is refused: ").And.Contain(words));
    }

    [Test]
    public async Task A_worker_that_never_answers_is_given_up()
    {
        var result = await CheckAsync("never-answers", "--limit", "1");
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Output);
        Assert.That(Lines(result)[0], Does.EndWith("nothing came to 'run' within 1 s"));
    }

    [Test]
    public async Task A_runtime_that_is_not_here_is_told_with_its_remedy()
    {
        var result = await CheckAsync("is-unavailable");
        Assert.That((result.ExitCode, result.Error), Is.EqualTo(
            (Unavailable, "conformance: dotnet is unavailable: the fake engine is not installed; to have it: install the fake engine\n")));
    }

    [Test]
    public async Task A_program_that_is_not_there_is_told()
    {
        var result = await Command.RunAsync("check-worker", "--", "no-such-worker");
        Assert.That((result.ExitCode, result.Error.Contains("its worker can't be started (no-such-worker:", StringComparison.Ordinal)),
            Is.EqualTo((Unavailable, true)), result.Error);
    }

    [Test]
    public async Task The_conversation_can_be_kept()
    {
        var transcript = _folder.Sub("transcript");
        await CheckAsync("counts", "--transcript", transcript);
        var lines = await File.ReadAllLinesAsync(transcript);
        Assert.That(lines[0], Is.EqualTo("""→ {"jsonrpc":"2.0","id":1,"method":"run","params":{}}"""));
        Assert.That(lines[1], Does.StartWith("← {").And.Contain("\"error\""));
        Assert.That(lines, Has.Some.EqualTo("""→ {"jsonrpc":"2.0","method":"shutdown"}"""));
    }

    /// <summary>The guests' bytes are their texts'.</summary>
    [Test]
    public void The_guests_of_the_check_are_what_their_texts_say()
    {
        var guests = Directory.GetFiles(Path.Combine(Repository.Root, "harness", "Conformance.Engine", "Checking", "guests"), "*.wat");
        Assert.That(guests, Has.Length.EqualTo(7));
        foreach (var text in guests)
        {
            var made = _folder.Sub(Path.GetFileName(text));
            if (Processes.Run("wat2wasm", "--no-check", text, "-o", made) == -1) Requirement.Missing(Requirements.Toolchains, "wat2wasm");
            Assert.That(File.ReadAllBytes(Path.ChangeExtension(text, ".wasm")), Is.EqualTo(File.ReadAllBytes(made)), text);
        }
    }

    private static Task<CommandResult> CheckAsync(string behaviour, params string[] more) =>
        Command.RunAsync(["check-worker", .. more, "--", "dotnet", Repository.Built("Conformance.FakeRuntime"), behaviour]);

    private static string[] Lines(CommandResult result) => result.Output.Split('\n');
}
