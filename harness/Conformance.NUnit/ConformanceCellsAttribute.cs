using System.Globalization;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Manifests;
using Conformance.Model.Counters;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;
using NUnit.Framework.Internal.Commands;

namespace Conformance.NUnit;

/// <summary>
/// Makes a test of every cell of a folder of manifests, and of every scenario's agreement. The method gets the
/// <see cref="ConformanceCase"/> once it is as expected. All cells of the same run are run together, when the first of its tests starts.
/// </summary>
/// <param name="modules">The folder that holds <c>&lt;id&gt;/module.toml</c>: absolute, or looked for from the test's folder
/// upwards.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConformanceCellsAttribute(string modules) : NUnitAttribute, ITestBuilder, IImplyFixture, IWrapTestMethod
{
    private readonly NUnitTestCaseBuilder _builder = new();

    /// <summary>The folder as it was given.</summary>
    public string Modules { get; } = modules;

    /// <summary>The folder of runtimes, where it is not the package's: absolute, or looked for from the test's folder upwards.</summary>
    public string? RuntimesFolder { get; set; }

    /// <summary>Globs over the runtimes to run on; all where there is none.</summary>
    public string[] Runtimes { get; set; } = [];

    /// <summary>Globs over the scenarios to run; all where there is none.</summary>
    public string[] Scenarios { get; set; } = [];

    /// <summary>Where the counter server is: <c>auto</c>, <c>container</c>, <c>embedded</c> or the URL of a running one.</summary>
    public string Server { get; set; } = "auto";

    /// <summary>Whose server to be: <c>correct</c> or <c>article-2022</c>.</summary>
    public string ServerVariant { get; set; } = "correct";

    /// <summary>How long a cell may take whose scenario says nothing, in seconds.</summary>
    public double TimeLimitSeconds { get; set; } = 10;

    /// <summary>Where <c>report.jsonl</c> and the cells' files go: absolute, or from the test's folder.</summary>
    public string ReportFolder { get; set; } = "conformance-report";

    /// <inheritdoc/>
    IEnumerable<TestMethod> ITestBuilder.BuildFrom(IMethodInfo method, Test? suite)
    {
        SharedRun run;
        try
        {
            run = SharedRun.Get(this);
        }
        catch (Exception e) when (e is ManifestException or ConformanceException or IOException or UnauthorizedAccessException)
        {
            // One test that says what is wrong, where: none at all would look like success.
            var broken = _builder.BuildTestMethod(method, suite, new TestCaseParameters([null!])
            {
                TestName = $"{method.Name}: {Modules}",
            });
            broken.MakeInvalid(string.Join(Environment.NewLine,
                e is ManifestException manifests ? manifests.Problems.Select(problem => problem.ToString()) : [EngineErrors.Message(e)]));
            return [broken];
        }

        return run.Cases.Select(test => _builder.BuildTestMethod(method, suite, new TestCaseParameters([test]) { TestName = test.Title }));
    }

    /// <inheritdoc/>
    TestCommand ICommandWrapper.Wrap(TestCommand command) => new CaseCommand(command);

    /// <summary>What tells one run from another: tests that ask for the same share it.</summary>
    internal string Key => string.Join('\n', [Modules, RuntimesFolder ?? "", string.Join(',', Runtimes),
        string.Join(',', Scenarios), Server, ServerVariant, TimeLimitSeconds.ToString(CultureInfo.InvariantCulture), ReportFolder]);

    /// <summary>A folder that is given as it is, or found from the test's folder upwards.</summary>
    /// <exception cref="ConformanceException">It is not there.</exception>
    internal static string Locate(string folder)
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            if (Path.Combine(above.FullName, folder) is var place && Directory.Exists(place)) return place;
        }

        throw new InputException($"there is no folder {folder} at {AppContext.BaseDirectory} or above it");
    }

    /// <summary>Waits for the case, tells NUnit how it stands, and lets the method look closer.</summary>
    private sealed class CaseCommand(TestCommand inner) : DelegatingTestCommand(inner)
    {
        public override TestResult Execute(TestExecutionContext context)
        {
            if (context.CurrentTest.Arguments is not [ConformanceCase test]) return innerCommand.Execute(context);
            ResultState state;
            string? message;
            try
            {
                (state, message) = test.WaitAsync().GetAwaiter().GetResult();
            }
            catch (ConformanceException e)
            {
                (state, message) = (ResultState.Error, EngineErrors.Message(e));
            }

            foreach (var (path, description) in test.Attachments) TestContext.AddTestAttachment(path, description);
            if (state == ResultState.Success) return innerCommand.Execute(context);
            context.CurrentResult.SetResult(state, message);
            return context.CurrentResult;
        }
    }
}
