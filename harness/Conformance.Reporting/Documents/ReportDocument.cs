using System.Collections.Immutable;
using Conformance.Model.Comparing;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Trends;

namespace Conformance.Reporting.Documents;

/// <summary>What a format writes: a report, alone, beside earlier nights, or held against another report.</summary>
/// <param name="Report">The report; with <see cref="Diff"/>, the later one.</param>
public sealed record ReportDocument(Report Report)
{
    /// <summary>Where the report's attachments are; null where they are nowhere.</summary>
    public string? Folder { get; init; }

    /// <summary>Nights of the history, oldest first; empty where nobody keeps one.</summary>
    public ImmutableArray<TrendNight> Trend { get; init; } = [];

    /// <summary>Set where the document is about what changed since another report.</summary>
    public ReportDiff? Diff { get; init; }

    /// <summary>The footer's; of a run that was cut short, what can be said of the cells that there are.</summary>
    public ImmutableArray<Agreement> Agreements =>
        field.IsDefault ? field = Report.Footer?.Agreements ?? Comparison.Agreements(Report.Cells) : field;

    /// <summary>What a document says first where its report is not whole; null where it is.</summary>
    public string? Incomplete => Report.IsComplete
        ? Report.Header.Shard is { } shard ? $"part {shard.Index} of {shard.Count}: conformance merge makes one report of all parts" : null
        : $"partial report: the run was cut short after {Report.Cells.Length} cells";
}
