using System.Collections.Immutable;
using System.Text.Json;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.History;

/// <summary>
/// What a night measured of time: of each runtime the median of each step, over the cells that got through, and what a benchmark left
/// beside the report.
/// </summary>
public static class NightMeasures
{
    /// <summary>
    /// A file of <c>{ "name": number }</c> beside a night's report, as <c>Conformance.Benchmarks --measures FILE</c> writes it.
    /// </summary>
    public const string FileName = "measures.json";

    /// <summary>Name → value: milliseconds, or a ratio.</summary>
    /// <exception cref="HistoryException">The file beside the report is none of measures.</exception>
    internal static ImmutableSortedDictionary<string, double> Of(Report report, string folder)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var (name, values) in Steps(report)) all[name] = Median(values);
        all.AddRange(Beside(folder).Select(measure => KeyValuePair.Create($"benchmark: {measure.Key}", measure.Value)));
        return all.ToImmutable();
    }

    private static Dictionary<string, List<double>> Steps(Report report)
    {
        var steps = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        // A cell that did not get through took what it takes to fail.
        foreach (var cell in report.Cells.Of(verdict => verdict.WasRun()).Where(cell => cell.Outcome.IsSuccess))
        {
            var times = cell.Run.TimingsMs;
            foreach (var (step, value) in new[] { ("compile", times.Compile), ("link", times.Link), ("run", times.Run) })
            {
                if (value is not { } milliseconds) continue;
                var name = $"{cell.Runtime}: {step}, ms";
                if (!steps.TryGetValue(name, out var values)) steps[name] = values = [];
                values.Add(milliseconds);
            }
        }

        return steps;
    }

    private static Dictionary<string, double> Beside(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return [];
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.EnumerateObject().ToDictionary(measure => measure.Name, measure => measure.Value.GetDouble());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new HistoryException($"{path}: it is no object of names and numbers: {e.Message}");
        }
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
    }
}
