using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Reporting.Documents;
using Conformance.Reporting.TestResults;

namespace Conformance.Reporting.Ctrf;

/// <summary>
/// The Common Test Report Format, a JSON that tools for many test frameworks share: https://ctrf.io/docs/specification/overview.
/// </summary>
public sealed class CtrfFormat : IReportFormat
{
    private const string Version = "0.0.0";

    /// <inheritdoc/>
    public string Name => "ctrf";

    /// <inheritdoc/>
    public string FileName => "ctrf.json";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        var items = TestItem.From(document);
        var header = document.Report.Header;
        var started = header.Started.ToUnixTimeMilliseconds();
        int Count(TestOutcome outcome) => items.Count(item => item.Outcome == outcome);
        var report = new CtrfReport("CTRF", Version, new CtrfResults(
            new CtrfTool("conformance", header.Harness),
            new CtrfSummary(
                items.Length, Count(TestOutcome.Passed), Count(TestOutcome.Failed) + Count(TestOutcome.Errored),
                    0, Count(TestOutcome.Skipped), 0,
                started, started + (long)(document.Report.Footer?.ElapsedMs ?? 0)),
            [.. items.Select(Test)],
            new CtrfEnvironment(header.Machine.Os, document.Incomplete is null)));
        JsonSerializer.Serialize(output, report, CtrfJson.Readable.CtrfReport);
    }

    private static CtrfTest Test(TestItem item) => new(
        item.FullName,
        item.Outcome switch { TestOutcome.Passed => "passed", TestOutcome.Skipped => "skipped", _ => "failed" },
        Math.Round(item.Milliseconds ?? 0),
        [item.Suite, item.Group],
        item.Message,
        item.Details,
        item.Verdict,
        item.Attempts > 1 ? item.Attempts - 1 : null,
        item.Verdict == "flaky" ? true : null,
        item.Output.Length > 0 ? [.. item.Output.TrimEnd('\n').Split('\n')] : null);
}

internal sealed record CtrfReport(string ReportFormat, string SpecVersion, CtrfResults Results);

internal sealed record CtrfResults(CtrfTool Tool, CtrfSummary Summary, ImmutableArray<CtrfTest> Tests, CtrfEnvironment Environment);

internal sealed record CtrfTool(string Name, string Version);

internal sealed record CtrfSummary(int Tests, int Passed, int Failed, int Pending, int Skipped, int Other, long Start, long Stop);

internal sealed record CtrfTest(
    string Name, string Status, double Duration, ImmutableArray<string> Suite,
        string? Message, string? Trace, string RawStatus, int? Retries, bool? Flaky, ImmutableArray<string>? Stdout);

internal sealed record CtrfEnvironment(string OsPlatform, bool Healthy);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(CtrfReport))]
internal sealed partial class CtrfJson : JsonSerializerContext
{
    public static CtrfJson Readable => field ??= new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
