using System.Collections.Immutable;
using System.Globalization;
using Conformance.Engine.Running;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>
/// Which runtimes have not answered yet, while a survey takes long: a line that changes on a terminal, a line now and then in a log, on
/// stderr.
/// </summary>
/// <param name="imports">How many imports they are asked about.</param>
/// <param name="runtimes">Whom.</param>
/// <param name="silence">How long nothing is told in a log; null is as long as people wait without a word.</param>
internal sealed class SurveyProgress(int imports, IEnumerable<string> runtimes, TimeSpan? silence = null)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<string> _waiting = [.. runtimes];

    /// <summary>A runtime has answered.</summary>
    public void OnAnswered(string runtime)
    {
        lock (_lock) _waiting.Remove(runtime);
    }

    /// <summary>Waits for the survey, and tells meanwhile.</summary>
    public Task<ImmutableArray<SurveyedRuntime>> ShowAsync(Task<ImmutableArray<SurveyedRuntime>> answers, IAnsiConsole console,
        TextWriter errors) => LiveConsole.Is(console)
        ? console.Status().StartAsync(Markup.Escape(Status()), status => WaitAsync(answers, TimeSpan.FromSeconds(0.2),
            words => status.Status(Markup.Escape(words))))
        : WaitAsync(answers, silence ?? Silence, words => errors.WriteLine($"conformance: {words}"));

    private async Task<ImmutableArray<SurveyedRuntime>> WaitAsync(
        Task<ImmutableArray<SurveyedRuntime>> answers, TimeSpan interval, Action<string> tell)
    {
        while (await Task.WhenAny(answers, Task.Delay(interval)) != answers) tell(Status());
        return await answers;
    }

    private string Status()
    {
        lock (_lock)
            return $"asking about {imports.ToString("N0", CultureInfo.InvariantCulture)} imports: waiting for {string.Join(", ", _waiting)}";
    }
}
