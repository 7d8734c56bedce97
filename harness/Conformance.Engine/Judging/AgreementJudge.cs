using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Observations;

namespace Conformance.Engine.Judging;

/// <summary>
/// Holds agreements against what the manifests declare. A split is declared by the outcomes of its runtimes: those that are expected to show the same are one group. So runtimes that part where nothing was
/// declared are red though each of their cells is as expected, and so is a declared split that does not happen.
/// </summary>
public static class AgreementJudge
{
    /// <param name="agreement">What was seen.</param>
    /// <param name="expectations">Of every runtime of the run, by id.</param>
    public static Agreement Of(Agreement agreement, IReadOnlyDictionary<string, Expectation> expectations)
    {
        // What is poisoned has its red cells; nobody's agreement needs no verdict.
        if (agreement.Result is AgreementResult.Poisoned or AgreementResult.Unsupported) return agreement;
        ImmutableArray<ImmutableArray<string>> expected =
        [
            .. agreement.Groups.SelectMany(group => group).Order(StringComparer.Ordinal).GroupBy(runtime => Outcome(expectations[runtime]))
                .Select(group => group.ToImmutableArray()).OrderByDescending(group => group.Length).ThenBy(group => group[0], StringComparer.Ordinal),
        ];
        var met = expected.Select(Show).ToHashSet(StringComparer.Ordinal).SetEquals(agreement.Groups.Select(Show));
        return agreement with
        {
            Expected = expected,
            Verdict = met ? (expected.Length == 1 ? Verdict.Pass : Verdict.Xfail) : agreement.Result == AgreementResult.Unanimous ? Verdict.Xpass : Verdict.Fail,
        };
    }

    /// <summary>What two runtimes must be expected to show alike to be expected in one group. Which import a runtime names first is its own; reasons are for people.</summary>
    private static Expectation Outcome(Expectation expectation) => expectation.Fails is { } fails
        ? new Expectation { Fails = fails with { Import = null } }
        : expectation with { Reason = null, Link = null, Until = null };

    private static string Show(ImmutableArray<string> group) => string.Join(", ", group.Order(StringComparer.Ordinal));
}
