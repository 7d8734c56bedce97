using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Microsoft.Playwright;

namespace Conformance.Runtimes.Browser;

/// <summary>
/// One cell whose guest lives in a page of its own: the page is opened, clicked and read as by a person. It tells how far it is by User
/// Timing marks (compile, link, run); an uncaught error ends the cell.
/// </summary>
/// <param name="browser">Gives the cell a context of its own.</param>
/// <param name="request">The cell.</param>
/// <param name="visit">Its page.</param>
/// <param name="outputBytes">What is kept of what the page logs.</param>
/// <param name="nameError">Gives an error its code.</param>
/// <param name="reached">To be told of phases.</param>
/// <seealso href="https://www.w3.org/TR/user-timing/"/>
internal sealed class PageCell(IBrowser browser, RunParams request,
    PageVisit visit, int outputBytes, Func<PageErrorRequest, Task<RunResult>> nameError, Action<Phase> reached)
{
    private const string Picture = "page.png";

    /// <summary>Looks on from inside the page.</summary>
    private static readonly string Watch = Path.Combine(AppContext.BaseDirectory, "web", "watch.js");

    private readonly OutputBuffer _output = new(outputBytes);
    private readonly CounterTraffic _traffic = new(request.CounterUrl);
    private readonly TaskCompletionSource<PageError> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs it. Whatever the page does is in the result.</summary>
    public async Task<RunResult> RunAsync()
    {
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 800, Height = 600 },
            ColorScheme = ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(0); // the harness owns the clock
        await context.ExposeFunctionAsync("conformancePhase", (string phase) => reached(Enum.Parse<Phase>(phase, ignoreCase: true)));
        await context.ExposeFunctionAsync("conformanceFailed",
            (string error) => _failed.TrySetResult(JsonSerializer.Deserialize(error, RunnerJson.Default.PageError)!));
        await context.AddInitScriptAsync(scriptPath: Watch);
        var page = await context.NewPageAsync();
        page.Crash += (_, _) => BrowserSession.OnPageCrash();
        page.Console += (_, message) => _output.Write(Encoding.UTF8.GetBytes(message.Text + "\n"));
        page.Request += (_, sent) => _traffic.OnSent(sent);
        page.Response += (_, response) => _traffic.OnAnswered(response);
        page.RequestFailed += (_, sent) => _traffic.OnFailed(sent);

        reached(Phase.Compile);
        await page.GotoAsync(visit.Url, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        var visited = VisitAsync(page);
        // Closing the page ends what still waits for it.
        _ = visited.ContinueWith(task => task.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var result = await Task.WhenAny(visited, _failed.Task) == visited ? await visited : await FailedAsync(await _failed.Task);
        return result with
        {
            Requests = _traffic.Requests,
            Stdout = _output.Text,
            TimingsMs = await TimingsAsync(page, result.TimingsMs.Run),
            Attachments = await PictureAsync(page),
        };
    }

    private async Task<RunResult> VisitAsync(IPage page)
    {
        var steps = visit.Steps;
        foreach (var selector in new[] { steps.Click, steps.Read })
        {
            if (await CountAsync(page, selector) is { } count and not 1)
            {
                return RunResult.Failed(Phase.Run, OutcomeCodes.NoEntry,
                    count == 0 ? $"the page has no element '{selector}'" : $"the page has {count} elements '{selector}'");
            }
        }

        var button = page.Locator(steps.Click);
        await button.ClickAsync(new LocatorClickOptions { Trial = true }); // waits until it can be clicked, and does not
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < steps.Times; i++) await button.ClickAsync();
        var read = page.Locator(steps.Read).And(page.Locator(":not([aria-busy=true])"));
        await read.WaitForAsync();
        var text = await read.InnerTextAsync();
        await _traffic.IdleAsync();
        return new RunResult
        {
            Outcome = Outcome.Success,
            Page = text,
            TimingsMs = new Timings(null, null, Stopwatch.GetElapsedTime(started).TotalMilliseconds),
        };
    }

    /// <summary>How many elements a selector finds; none where it is no selector.</summary>
    private static async Task<int> CountAsync(IPage page, string selector)
    {
        try
        {
            return await page.Locator(selector).CountAsync();
        }
        catch (PlaywrightException e) when (!page.IsClosed)
        {
            Console.Error.WriteLine(e.Message);
            return 0;
        }
    }

    private async Task<RunResult> FailedAsync(PageError error)
    {
        var named = await nameError(new PageErrorRequest(request.Module.Sha256, visit.Loader.Sha256, error));
        return named.Outcome.Phase == Phase.Run && _traffic.Failure is { } failure
            ? named with { Outcome = Outcome.Failure(Phase.Run, OutcomeCodes.HostCallFailed), Text = $"{named.Text}: {failure}" }
            : named;
    }

    private static async Task<Timings> TimingsAsync(IPage page, double? run)
    {
        var marks = JsonSerializer.Deserialize(
            await page.EvaluateAsync<string>(
                "() => JSON.stringify(Object.fromEntries(performance.getEntriesByType('mark').map(mark => [mark.name, mark.startTime])))"),
            RunnerJson.Default.PageMarks)!;
        return new Timings(marks.Link - marks.Compile, marks.Run - marks.Link, run);
    }

    private async Task<ImmutableArray<Attachment>?> PictureAsync(IPage page)
    {
        if (request.AttachmentsFolder is not { } folder) return null;
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(folder, Picture),
            Animations = ScreenshotAnimations.Disabled,
        });
        return [new Attachment("the page", Picture)];
    }
}
