using System.Globalization;
using Conformance.Engine.Installing;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>
/// What is set up, as people follow them: bars that move on a terminal, lines in a log. What could not be had is told once
/// all have been tried, in one line for each reason.
/// </summary>
/// <param name="context">Where bars are drawn; null writes lines.</param>
/// <param name="output">For lines.</param>
internal sealed class SetupProgress(ProgressContext? context, TextWriter output) : ISetupListener
{
    private readonly List<(string Id, string Why)> _failed = [];
    private readonly Lock _lock = new();

    /// <summary>Whether anything could not be installed.</summary>
    public bool HasFailures => _failed.Count > 0;

    public IInstallationProgress OnBegin(Installable item)
    {
        return context is null ? new Lines(item.Name, Write) : new Bar(item.Name, context);
    }

    public void OnInstalled(Installable item, string where) => Write($"{item.Name} is in {where}");

    public void OnFailed(Installable item, string why)
    {
        lock (_lock) _failed.Add((item.Id, why));
    }

    /// <summary>Tells what could not be installed: a line for each reason.</summary>
    public void WriteFailures(TextWriter errors)
    {
        lock (_lock)
        {
            foreach (var same in _failed.GroupBy(failure => failure.Why, failure => failure.Id))
            {
                errors.WriteLine(
                $"conformance: not set up: {string.Join(", ", same.Order(StringComparer.Ordinal))}: {same.Key.ReplaceLineEndings(" ")}");
            }
        }
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    private void Write(string line)
    {
        lock (_lock) output.WriteLine(line);
    }

    /// <summary>A line for each step, and one for each quarter of the way.</summary>
    private sealed class Lines(string name, Action<string> write) : IInstallationProgress
    {
        private const int Steps = 4;

        private long? _size;
        private int _told;

        public void OnFetching(string source, long? bytes, long had)
        {
            _size = bytes;
            _told = bytes is > 0 ? (int)(had * Steps / bytes.Value) : 0;
            write($"{name}: fetching {source}{(bytes is { } size ? $" ({Size(size)}{(had > 0 ? $", {Size(had)} of it are here" : "")})" : "")}");
        }

        public void OnFetched(long bytes)
        {
            if (_size is not > 0 || (int)(bytes * Steps / _size.Value) is var steps && steps <= _told) return;
            _told = steps;
            write($"{name}: {(steps * 100 / Steps).ToString(CultureInfo.InvariantCulture)} %");
        }

        public void OnUnpacking(long bytes) => write($"{name}: the digest is the pinned one; unpacking {Size(bytes)}");

        public void OnCommand(string words) => write($"{name}: {words}");

        public void OnWaiting() => write($"{name}: another process is setting it up; waiting for that");
    }

    private sealed class Bar(string name, ProgressContext context) : IInstallationProgress
    {
        private ProgressTask? _task;

        private ProgressTask Task => _task ??= context.AddTask(Markup.Escape(name));

        public void OnFetching(string source, long? bytes, long had)
        {
            Task.IsIndeterminate = bytes is null;
            Task.MaxValue = bytes ?? 1;
            Task.Value = had;
        }

        public void OnFetched(long bytes) => Task.Value = bytes;

        public void OnUnpacking(long bytes)
        {
            Task.Description = Markup.Escape($"{name}: unpacking");
            Task.IsIndeterminate = true;
        }

        public void OnCommand(string words)
        {
            Task.Description = Markup.Escape($"{name}: {words}");
            Task.IsIndeterminate = true;
        }

        public void OnWaiting()
        {
            Task.Description = Markup.Escape($"{name}: another process is setting it up");
            Task.IsIndeterminate = true;
        }
    }
}
