using System.Collections.Immutable;
using System.Text.Json;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Wording;

namespace Conformance.Reporting.Sarif;

/// <summary>
/// SARIF 2.1.0, for code scanning: each import that a runtime refuses is a result in the module's manifest, at the line that names the
/// binary; each unexpected cell or agreement one at its scenario. What the manifest declares is suppressed there, with its reason. Between
/// two reports, results are new, updated or absent.
/// </summary>
public sealed class SarifFormat : IReportFormat
{
    private const string Agreement = "agreement";

    /// <summary>What the codes of a ledger mean; other rules say it by their name.</summary>
    private static readonly ImmutableDictionary<string, string> Meanings = new Dictionary<string, string>
    {
        [OutcomeCodes.UnknownImport] = "An import that the runtime has nobody to provide.",
        [OutcomeCodes.UnknownModule] = "An import from a module of which the runtime has nothing.",
        [OutcomeCodes.IncompatibleType] = "An import that is provided with another type than the module declares.",
        [OutcomeCodes.IncompatibleKind] = "An import that is provided as something of another kind, such as a function for a global.",
        [OutcomeCodes.IncompatibleLimits] = "An import that is provided with a memory or table that is too small, or may grow too large.",
        [Agreement] = "Runtimes that part where their manifests say that they agree, or agree where they are to part.",
    }.ToImmutableDictionary();

    /// <inheritdoc/>
    public string Name => "sarif";

    /// <inheritdoc/>
    public string FileName => "conformance.sarif";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        var header = document.Report.Header;
        var findings = (document.Diff is { } diff ? Changes(diff) : Findings(document)).ToList();
        var rules = findings.Select(finding => finding.Rule).Distinct().Order(StringComparer.Ordinal).ToList();
        var modules = header.Modules.ToDictionary(module => module.Id, StringComparer.Ordinal);
        DateTime? ended = document.Report.Footer is { } footer ? header.Started.UtcDateTime.AddMilliseconds(footer.ElapsedMs) : null;
        var log = new SarifLog("https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", [new SarifRun(
            new SarifTool(new SarifDriver("Conformance", header.Harness, [.. rules.Select(Rule)])),
            [new SarifInvocation(document.Incomplete is null, header.Started.UtcDateTime,
                ended, document.Incomplete is { } incomplete ? [new SarifNotification("error", new SarifMessage(incomplete))] : null)],
            [.. findings.Select(finding => Result(finding, rules.IndexOf(finding.Rule), modules.GetValueOrDefault(finding.Module)))],
            "utf16CodeUnits")]);
        JsonSerializer.Serialize(output, log, SarifJson.Readable.SarifLog);
    }

    /// <summary>Imports that are refused, then what is unexpected.</summary>
    private static IEnumerable<Finding> Findings(ReportDocument document)
    {
        // A ledger is the same in all cells of a module on a runtime.
        foreach (var cells in document.Report.Cells.GroupBy(cell => (cell.Module, cell.Runtime)))
        {
            var declared = cells.All(cell => !cell.Verdict.IsUnexpected());
            var reason = cells.Select(cell => cell.Reason).FirstOrDefault(reason => reason is not null)
                ?? "each of its cells is as its manifest expects";
            foreach (var row in cells.First().Observation.Ledger.Where(row => !row.IsFulfilled))
            {
                var code = row.Refusal!;
                yield return new Finding(code, cells.Key.Module, null, $"{cells.Key.Module}/{cells.Key.Runtime}/{row.Module}::{row.Name}",
                    "function", $"{cells.Key.Runtime}: {row.Module}::{row.Name} {row.Type}: {code}{Explanation(row.Text)}")
                {
                    Suppressed = declared ? reason : null,
                };
            }
        }

        foreach (var cell in document.Report.Cells.Of(verdict => verdict.IsUnexpected()))
            yield return ToFinding(cell, CellWording.Why(cell) ?? cell.Verdict.Word());
        foreach (var agreement in document.Agreements.Where(agreement => agreement.Verdict?.IsUnexpected() == true))
        {
            yield return new Finding(Agreement, agreement.Module,
                agreement.Scenario, $"{agreement.Row}", "namespace", $"{agreement.Verdict!.Value.Word()}: {agreement.Sentence}");
        }
    }

    private static IEnumerable<Finding> Changes(ReportDiff diff)
    {
        foreach (var change in diff.Cells)
        {
            yield return ToFinding(change.After ?? change.Before!, change.Words) with
            {
                Baseline = Baseline(change.Kind),
                Note = change.Kind != ChangeKind.Regression,
            };
        }

        foreach (var change in diff.Agreements)
        {
            yield return new Finding(Agreement, change.Module, change.Scenario, $"{change.Row}", "namespace", change.Words)
            {
                Baseline = Baseline(change.Kind),
                Note = change.Kind != ChangeKind.Regression,
            };
        }
    }

    private static Finding ToFinding(CellLine cell, string words) => new(cell.Outcome.Code ?? cell.Verdict.Word(),
        cell.Module, cell.Scenario, $"{cell.Id}", "namespace", $"{cell.Runtime} · {cell.Module} · {cell.Scenario}: {words}");

    private static SarifResult Result(Finding finding, int rule, ModuleInfo? module)
    {
        var line = module?.Manifest is not { } place ? 0 : finding.Scenario is { } scenario
            ? place.Scenarios.GetValueOrDefault(scenario) : place.Wasm;
        var physical = line > 0 ? new SarifPhysicalLocation(new SarifArtifactLocation(
            Uri.EscapeDataString(module!.Manifest!.Path).Replace("%2F", "/", StringComparison.Ordinal)), new SarifRegion(line)) : null;
        return new SarifResult(
            finding.Rule, rule, finding.Suppressed is null && !finding.Note ? "error" : "note",
                new SarifMessage(finding.Message.TrimEnd('.') + "."),
                [new SarifLocation(physical, [new SarifLogicalLocation(finding.Place, finding.Kind)])],
            ImmutableSortedDictionary<string, string>.Empty.Add("conformance/v1", $"{finding.Place} {finding.Rule}"),
            finding.Suppressed is { } reason ? [new SarifSuppression("inSource", reason)] : null, finding.Baseline);
    }

    private static SarifRule Rule(string id) => new(
        id, new SarifMessage(Meanings.GetValueOrDefault(id, $"A cell whose outcome is {id}.")),
        new SarifMessage(Meanings.GetValueOrDefault(id, $"A cell whose outcome is {id}, where its manifest expects something else.")),
            "https://webassembly.github.io/spec/core/exec/modules.html#instantiation");

    private static string Baseline(ChangeKind kind) => kind switch
    {
        ChangeKind.Regression or ChangeKind.Added => "new",
        ChangeKind.Fix or ChangeKind.Removed => "absent",
        _ => "updated",
    };

    private static string Explanation(string? text) => text is null ? "" : $": {text.ReplaceLineEndings(" ").Trim()}";

    /// <param name="Rule">The normalised outcome.</param>
    /// <param name="Module">Whose manifest it is at.</param>
    /// <param name="Scenario">Whose line it is at; null is the line of the binary.</param>
    /// <param name="Place">What it is about, as a name.</param>
    /// <param name="Kind">What that is, in SARIF's words.</param>
    /// <param name="Message">What is not as expected.</param>
    private sealed record Finding(string Rule, string Module, string? Scenario, string Place, string Kind, string Message)
    {
        /// <summary>Why it is accepted; null where it is not.</summary>
        public string? Suppressed { get; init; }

        public string? Baseline { get; init; }

        public bool Note { get; init; }
    }
}
