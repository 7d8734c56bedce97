using System.Collections.Immutable;
using System.Text;
using Conformance.Cli;
using Conformance.Engine.Running;
using Spectre.Console;

namespace Conformance.UnitTests.CommandLine;

/// <summary>Who is waited for, while runtimes are asked about many imports.</summary>
[TestFixture]
public sealed class SurveyProgressTests
{
    [Test]
    public async Task In_a_log_a_line_says_who_has_not_answered()
    {
        var asked = new TaskCompletionSource<ImmutableArray<SurveyedRuntime>>();
        var errors = new Lines(() => asked.TrySetResult([new SurveyedRuntime("slow", "1", null, [])]));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        var progress = new SurveyProgress(1000, ["quick", "slow", "[slow]"], TimeSpan.FromMilliseconds(1));
        progress.OnAnswered("quick");
        var answers = await progress.ShowAsync(asked.Task, console, errors);
        Assert.That(answers.Single().Runtime, Is.EqualTo("slow"));
        Assert.That(errors.Written, Is.All.EqualTo("conformance: asking about 1,000 imports: waiting for slow, [slow]").And.Not.Empty);
    }

    private sealed class Lines(Action then) : TextWriter
    {
        public List<string?> Written { get; } = [];

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            Written.Add(value);
            then();
        }
    }
}
