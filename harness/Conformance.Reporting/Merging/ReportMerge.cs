using System.Collections.Immutable;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;

namespace Conformance.Reporting.Merging;

/// <summary>Makes one report of the parts of a sharded run: what an unsharded one would have written, or nothing.</summary>
public static class ReportMerge
{
    /// <param name="parts">The reports of all parts, in any order, each with the name to speak of it by.</param>
    /// <exception cref="UnfitPartsException">They are not all parts, and only those, of one run; with every reason.</exception>
    public static Report Merge(IReadOnlyList<(string Name, Report Report)> parts)
    {
        var problems = Problems(parts).ToImmutableArray();
        if (!problems.IsEmpty) throw new UnfitPartsException(problems);

        var reports = parts.Select(part => part.Report).OrderBy(report => report.Header.Shard!.Index).ToList();
        var started = reports.Min(report => report.Header.Started);
        var ended = reports.Max(report => report.Header.Started.AddMilliseconds(report.Footer!.ElapsedMs));
        var header = reports[0].Header with
        {
            Started = started,
            Shard = null,
            Modules = [.. reports.SelectMany(report => report.Header.Modules)
                .DistinctBy(module => module.Id).OrderBy(module => module.Id, StringComparer.Ordinal)],
        };
        var cells = new MergedCells([.. reports.Select(report => report.Cells)]);
        var footer = FooterLine.Create(cells.Verdicts,
            [.. reports.SelectMany(report => report.Agreements).OrderBy(agreement => agreement.Row)], ended - started, complete: true);
        return new Report(
            header,
            cells,
            [.. reports.SelectMany(report => report.Sizes).DistinctBy(size => size.Module)
                .OrderBy(size => size.Module, StringComparer.Ordinal)],
            [.. reports.SelectMany(report => report.Atlas).DistinctBy(atlas => atlas.Runtime)
                .OrderBy(atlas => atlas.Runtime, StringComparer.Ordinal)],
            footer);
    }

    private static IEnumerable<string> Problems(IReadOnlyList<(string Name, Report Report)> parts)
    {
        foreach (var (name, report) in parts)
        {
            if (!report.IsComplete) yield return $"{name} is partial: its run was cut short after {report.Cells.Length} cells";
            if (report.Header.Shard is null) yield return $"{name} is of a whole run and no part of one (run --shard i/n makes parts)";
        }

        var shards = parts.Where(part => part.Report.Header.Shard is not null)
            .Select(part => (part.Name, part.Report, Shard: part.Report.Header.Shard!)).ToList();
        if (shards.Count == 0) yield break;
        var (firstName, first, plan) = shards[0];
        foreach (var (name, report, shard) in shards.Skip(1))
        {
            if (shard.Count != plan.Count) yield return $"{name} is one of {shard.Count} parts, {firstName} one of {plan.Count}";
            else if (shard.PlanSha256 != plan.PlanSha256 || shard.Cells != plan.Cells)
                yield return $"{name} is of another plan than {firstName}: other filters, modules or runtimes";
            foreach (var difference in Differences(first.Header, report.Header)) yield return $"{name} and {firstName} {difference}";
        }

        foreach (var twice in shards.GroupBy(part => part.Shard.Index).Where(group => group.Count() > 1))
            yield return $"part {twice.Key} is there more than once: {string.Join(", ", twice.Select(part => part.Name))}";
        var missing = Enumerable.Range(1, plan.Count).Except(shards.Select(part => part.Shard.Index)).ToList();
        if (missing.Count > 0)
            yield return $"of {plan.Count} parts, {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing";
        else if (shards.Sum(part => part.Report.Cells.Length) is var cells && cells != plan.Cells)
            yield return $"together they have {cells} cells, and the plan has {plan.Cells}";
    }

    /// <summary>What must be the same in all parts, and is not.</summary>
    private static IEnumerable<string> Differences(HeaderLine a, HeaderLine b)
    {
        if (a.Schema != b.Schema) yield return $"have schemas {b.Schema} and {a.Schema}";
        if (a.Harness != b.Harness) yield return $"are of harnesses {b.Harness} and {a.Harness}";
        if ((a.Server.Hosting, a.Server.Variant) != (b.Server.Hosting, b.Server.Variant))
            yield return $"have counter servers {b.Server.Hosting}, {b.Server.Variant} and {a.Server.Hosting}, {a.Server.Variant}";
        if ((a.Machine.Os, a.Machine.Architecture) != (b.Machine.Os, b.Machine.Architecture))
            yield return $"are of {b.Machine.Os} {b.Machine.Architecture} and {a.Machine.Os} {a.Machine.Architecture}";
        if (a.Shuffle != b.Shuffle) yield return "are shuffled by different seeds";
        foreach (var runtime in a.Runtimes)
        {
            var other = b.Runtimes.FirstOrDefault(r => r.Id == runtime.Id);
            if (other is null) yield return $"do not both have {runtime.Id}";
            else if ((runtime.Version, runtime.Sha256, runtime.ManifestSha256) != (other.Version, other.Sha256, other.ManifestSha256))
                yield return $"have {runtime.Id} {other.Version ?? "unavailable"} and {runtime.Version ?? "unavailable"}{(runtime.Version == other.Version ? " of other files or settings" : "")}";
        }

        foreach (var module in a.Modules)
        {
            if (b.Modules.FirstOrDefault(m => m.Id == module.Id) is { } other && (other.Sha256,
                other.ManifestSha256) != (module.Sha256, module.ManifestSha256))
            {
                yield return $"have other files of {module.Id}";
            }
        }
    }
}

/// <summary>Reports that are not the parts of one run.</summary>
/// <param name="problems">Every reason.</param>
public sealed class UnfitPartsException(ImmutableArray<string> problems)
    : Exception($"these are not the parts of one run: {string.Join("; ", problems)}")
{
    /// <summary>Every reason.</summary>
    public ImmutableArray<string> Problems { get; } = problems;
}
