using System.Collections.Immutable;
using System.Text.Json;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Trends;

namespace Conformance.History;

/// <summary>
/// What a night measured of time: of each runtime the sum of each step, and the median over the cells that got through; and what a
/// benchmark left beside the report.
/// </summary>
public sealed class NightMeasures
{
    /// <summary>
    /// A file of <c>{ "name": number }</c> beside a night's report, as <c>Conformance.Benchmarks --measures FILE</c> writes it.
    /// </summary>
    public const string FileName = "measures.json";

    private readonly Dictionary<string, RuntimeSums> _sums = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<double>> _steps = new(StringComparer.Ordinal);

    /// <summary>What a benchmark measured: name → value.</summary>
    /// <exception cref="HistoryException">It is another file.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ImmutableSortedDictionary<string, double> Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.EnumerateObject()
                .ToImmutableSortedDictionary(measure => measure.Name, measure => measure.Value.GetDouble(), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new HistoryException($"{path}: it is no object of names and numbers: {e.Message}");
        }
    }

    /// <summary>Adds a cell of the night.</summary>
    internal void Add(CellLine cell)
    {
        _sums[cell.Runtime] = SumsOf(cell.Runtime).With(cell);
        // A cell that did not get through took what it takes to fail.
        if (!cell.Verdict.WasRun() || !cell.Outcome.IsSuccess) return;
        var times = cell.Run.TimingsMs;
        Add("compile", times.Compile);
        Add("link", times.Link);
        Add("run", times.Run);

        void Add(string step, double? milliseconds)
        {
            if (milliseconds is not { } value) return;
            var name = $"{cell.Runtime}: {step}, ms";
            if (!_steps.TryGetValue(name, out var values)) _steps[name] = values = [];
            values.Add(value);
        }
    }

    /// <summary>Of all cells of a runtime.</summary>
    internal RuntimeSums SumsOf(string runtime) => _sums.GetValueOrDefault(runtime);

    /// <summary>Name → value: the medians, in milliseconds, and what lies beside the report.</summary>
    /// <param name="folder">The report's.</param>
    /// <exception cref="HistoryException">What lies there is another file.</exception>
    internal IEnumerable<(string Name, double Value)> All(string folder)
    {
        var beside = Path.Combine(folder, FileName);
        return _steps.Select(step => (step.Key, Median.Of(step.Value)))
            .Concat(File.Exists(beside) ? Read(beside).Select(measure => ($"benchmark: {measure.Key}", measure.Value)) : []);
    }
}

/// <summary>Of a runtime's cells in a night: how many were unexpected, and the milliseconds of its steps.</summary>
internal readonly record struct RuntimeSums(int Unexpected, double Compile, double Link, double Run)
{
    public RuntimeSums With(CellLine cell) => new(Unexpected + (cell.Verdict.IsUnexpected() ? 1 : 0),
        Compile + (cell.Run.TimingsMs.Compile ?? 0), Link + (cell.Run.TimingsMs.Link ?? 0), Run + (cell.Run.TimingsMs.Run ?? 0));
}
