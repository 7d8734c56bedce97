using System.Text.Json;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Conformance.Tests.Reports;

/// <summary>The HTML report in a real Chromium, opened as a file: nothing is served and nothing is loaded.</summary>
[Category("Portable")]
[TestFixture]
public sealed class HtmlTests
{
    private static readonly string[] Views = ["", "#/row/counter-c/ten-increments", "#/cell/counter-c/ten-increments/chromium",
        "#/cell/net-http-2022/ten-increments/wasmtime", "#/atlas", "#/times", "#/trend", "#/about"];

    private readonly TemporaryFolder _folder = new();
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private string _everything = "";

    [OneTimeSetUp]
    public async Task StartBrowser()
    {
        (_playwright, _browser) = await TestBrowser.StartAsync();
        _everything = Write("everything", new ReportDocument(SampleReport.Everything)
        {
            Trend = [.. Enumerable.Range(0, 3).Select(Night)],
        });
    }

    [OneTimeTearDown]
    public async Task EndBrowser()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task The_matrix_shows_every_cell_and_its_agreement_first()
    {
        await using var page = await OpenAsync(_everything);
        var rows = await page.It.Locator(".matrix .row").AllAsync();
        Assert.That(rows, Has.Count.EqualTo(3));
        Assert.That((await rows[0].Locator("> *").AllInnerTextsAsync()).Select(Squeezed),
            Is.EqualTo(new[] { "counter-c ten-increments", "split at run", "✗ 11 · 10 · 10", "✗ crashed run", "✓ 10 · 10 · 10" }));
        Assert.That(await page.It.Locator(".state").InnerTextAsync(), Is.EqualTo("not as expected"));
    }

    [Test]
    public async Task A_cell_tells_all_that_is_known_of_it()
    {
        await using var page = await OpenAsync(_everything, "#/cell/net-http-2022/ten-increments/wasmtime");
        var text = await page.It.Locator("main").InnerTextAsync();
        Assert.That(text, Does.Contain("unknown import: `env::time.resetTimer` has not been defined").And.Contain(
            "nobody provides it").And.Contain("./conformance repro net-http-2022/ten-increments/wasmtime"));
        Assert.That(await page.It.Locator("tr.refused code").First.InnerTextAsync(), Is.EqualTo("env::time.resetTimer"));
        Assert.That(await page.It.Locator(".track .stopped").InnerTextAsync(), Does.StartWith("link"));
        Assert.That(await page.It.Locator(".count b").AllInnerTextsAsync(), Is.EqualTo(new[] { "–", "–", "0" }));
    }

    [Test]
    public async Task What_a_guest_printed_stays_text()
    {
        await using var page = await OpenAsync(_everything, "#/cell/counter-c/ten-increments/chromium");
        Assert.That(await page.It.Locator("[aria-label=stdout]").InnerTextAsync(), Does.Contain("<script>alert(1)</script>"));
        Assert.That(await page.It.Locator(".departures pre").AllInnerTextsAsync(),
            Is.EqualTo(new[] { "10", "guest 11, host 10, server 10" }));
    }

    [TestCase("is:split", "counter-c")]
    [TestCase("is:poisoned", "counter-go")]
    [TestCase("is:unexpected runtime:wasmer", "counter-c counter-go")]
    [TestCase("code:unknown-import", "net-http-2022")]
    [TestCase("import:env::time.*", "net-http-2022")]
    [TestCase("runtime:wasm* is:pass", "counter-c")]
    [TestCase("-module:counter-*", "net-http-2022")]
    [TestCase("sigsegv", "counter-c")]
    [TestCase("\"has not been defined\"", "net-http-2022")]
    [TestCase("is:flaky phase:observe", "counter-go")]
    [TestCase("code:crash*", "counter-c")]
    [TestCase("nobody-has-this", "")]
    public async Task A_filter_lives_in_the_url_and_is_typed_there(string query, string modules)
    {
        await using var page = await OpenAsync(_everything, $"#/matrix?q={Uri.EscapeDataString(query)}");
        Assert.That(await NamesAsync(page.It), Is.EqualTo(modules), "from the URL");
        Assert.That(await page.It.Locator("#q").InputValueAsync(), Is.EqualTo(query));

        await page.It.GotoAsync(Url(_everything));
        await page.It.Locator("#q").FillAsync(query);
        Assert.That(await NamesAsync(page.It), Is.EqualTo(modules), "typed");
        Assert.That(System.Web.HttpUtility.ParseQueryString(new Uri(page.It.Url).Fragment.Split('?')[1])["q"], Is.EqualTo(query));
    }

    [TestCase("colour:red", "colour: is no key")]
    [TestCase("is:odd", "is:odd is none of")]
    public async Task A_filter_that_is_wrong_says_so(string query, string words)
    {
        await using var page = await OpenAsync(_everything, $"#/matrix?q={query}");
        Assert.That(await page.It.Locator("#found").InnerTextAsync(), Does.StartWith(words));
    }

    [Test]
    public async Task A_filter_by_runtime_leaves_the_other_columns_out()
    {
        await using var page = await OpenAsync(_everything, "#/matrix?q=runtime:wasmtime");
        Assert.That(await page.It.Locator(".heads [role=columnheader]").CountAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task Runtimes_that_are_not_there_are_folded_behind_a_switch_in_the_url()
    {
        var report = SampleReport.Create(["counter-c"], ["chromium", "lucet", "wasmtime"],
            (_, runtime) => runtime == "lucet" ? Unavailable() : SampleReport.Pass());
        report = report with
        {
            Header = report.Header with
            {
                Runtimes = [.. report.Header.Runtimes.Select(runtime => runtime.Id == "lucet"
                    ? runtime with { Version = null, Unavailable = new Model.Runtimes.Unavailability("retired", "none") } : runtime)],
            },
        };
        await using var page = await OpenAsync(Write("folded", new ReportDocument(report)));
        Assert.That(await HeadsAsync(), Is.EqualTo("chromium wasmtime"));
        await page.It.GetByRole(AriaRole.Button, new() { Name = "unavailable runtimes 1" }).ClickAsync();
        Assert.That(await HeadsAsync(), Is.EqualTo("chromium lucet wasmtime"));
        Assert.That(page.It.Url, Does.EndWith("#/matrix?all=1"));
        await page.It.ReloadAsync();
        Assert.That(await HeadsAsync(), Is.EqualTo("chromium lucet wasmtime"));
        await page.It.GotoAsync(page.It.Url.Split('#')[0] + "#/matrix?q=runtime:lucet");
        Assert.That(await HeadsAsync(), Is.EqualTo("lucet"), "who names it sees it");

        async Task<string> HeadsAsync() => string.Join(' ', await page.It.Locator(".heads b").AllInnerTextsAsync());
    }

    /// <summary>
    /// Two, nine and twenty runtimes on four widths: no word is broken, the page itself does not scroll sideways, and the first column and
    /// the head stay where they are seen.
    /// </summary>
    [TestCase(2, 1920)]
    [TestCase(9, 1024)]
    [TestCase(9, 1440)]
    [TestCase(20, 1024)]
    [TestCase(20, 420)]
    [TestCase(9, 420)]
    public async Task The_matrix_fits_and_its_edges_stay(int runtimes, int width)
    {
        var ids = Enumerable.Range(0, runtimes).Select(i => $"runtime-{i}").ToArray();
        var modules = Enumerable.Range(0, 40).Select(i => $"counter-of-a-kind-{i}").ToArray();
        var report = SampleReport.Create(modules, ids,
            (module, runtime) => runtime == "runtime-1" ? SampleReport.Refused().Failed(Phase.Run,
            Trap.UninitializedElement.Code, SampleReport.Refused().Run.Text)
            : runtime == "runtime-0" ? SampleReport.Inapplicable() : SampleReport.Pass());
        await using var page = await OpenAsync(Write($"fits-{runtimes}-{width}", new ReportDocument(report)), width: width);
        Assert.That(await page.It.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"),
            Is.True, "the page scrolls sideways");
        // A word that is broken takes two lines: the rectangles of its text differ in height.
        Assert.That(await page.It.EvaluateAsync<string>("""
            [...document.querySelectorAll(".row .cell b, .row .name b")].slice(0, 60).flatMap(element => {
              const text = [...element.childNodes].find(node => node.nodeType === 3);
              return [...text.data.matchAll(/[^\s]+/g)].map(word => {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                return range.getClientRects().length > 1 ? word[0] : "";
              });
            }).filter(word => word !== "").join(" ")
            """), Is.Empty, "broken words");
        if (width > 700)
        {
            var (top, left) = (await BoxAsync(".heads"), await BoxAsync(".row .name"));
            await page.It.EvaluateAsync("document.querySelector('.matrix').scrollTo(600, 900)");
            var (topAfter, leftAfter) = (await BoxAsync(".heads .head"), await BoxAsync(".row:nth-of-type(30) .name"));
            Assert.That((Math.Abs(topAfter.Y - top.Y) < 12, Math.Abs(leftAfter.X - left.X) < 2),
                Is.EqualTo((true, true)), $"{top.Y} {topAfter.Y} {left.X} {leftAfter.X}");
        }

        async Task<(float X, float Y)> BoxAsync(string selector) =>
            await page.It.Locator(selector).First.BoundingBoxAsync() is { } box ? (box.X, box.Y) : (-1, -1);
    }

    [Test]
    public async Task A_cell_that_is_not_applicable_says_why_and_has_no_empty_box()
    {
        var path = Write("inapplicable", new ReportDocument(SampleReport.Create(["counter-c"],
            ["wasmer-js", "wasmtime"], (_, runtime) => runtime == "wasmtime" ? SampleReport.Pass() : SampleReport.Inapplicable()
            .Seen(run => run with { TimingsMs = new Timings(null, null, null), HostCalls = [] }))));
        await using var page = await OpenAsync(path, "#/cell/counter-c/ten-increments/wasmer-js");
        var headings = await page.It.Locator("main h2").AllInnerTextsAsync();
        Assert.That(headings.Select(heading => heading.ToLowerInvariant()),
            Does.Contain("not applicable").And.Not.Contains("what happened").And.Not.Contains("times"));
        Assert.That(await page.It.Locator("main").InnerTextAsync(), Does.Contain("runs commands only"));
    }

    private static CellLine Unavailable() => SampleReport.Pass().Failed(Phase.Load, OutcomeCodes.Unavailable, null) with
    {
        Verdict = Verdict.Unavailable,
        Reason = "retired",
        Remedy = "none",
    };

    [Test]
    public async Task Columns_sort_both_ways_and_say_so()
    {
        await using var page = await OpenAsync(_everything);
        var head = page.It.Locator("[role=columnheader]").First;
        Assert.That(await head.GetAttributeAsync("aria-sort"), Is.EqualTo("ascending"));
        await head.Locator("button").ClickAsync();
        Assert.That((await head.GetAttributeAsync("aria-sort"), await NamesAsync(page.It)),
            Is.EqualTo(("descending", "net-http-2022 counter-go counter-c")));
        await page.It.GetByRole(AriaRole.Columnheader, new() { Name = "agreement" }).Locator("button").ClickAsync();
        Assert.That(await NamesAsync(page.It), Does.StartWith("counter-c"));
        Assert.That(page.It.Url, Does.EndWith("#/matrix?sort=agreement"));
    }

    [Test]
    public async Task The_keyboard_reaches_everything()
    {
        await using var page = await OpenAsync(_everything);
        await page.It.Keyboard.PressAsync("/");
        Assert.That(await FocusedAsync(page.It), Is.EqualTo("q"));
        await page.It.Keyboard.PressAsync("Escape");
        await page.It.Locator(".row a").First.FocusAsync();
        foreach (var key in new[] { "ArrowDown", "ArrowRight", "ArrowRight", "End", "ArrowLeft" }) await page.It.Keyboard.PressAsync(key);
        Assert.That(await FocusedAsync(page.It), Is.EqualTo("10 · 10 · 10, xpass: wasmer, counter-go, ten-increments"));
        Assert.That(await page.It.Locator(".row a[tabindex='0']").CountAsync(), Is.EqualTo(1), "one cell in the tab order");
        await page.It.Keyboard.PressAsync("Enter");
        await page.It.Locator("h1", new() { HasText = "counter-go" }).WaitForAsync();
        Assert.That(page.It.Url, Does.EndWith("#/cell/counter-go/ten-increments/wasmer"));
        await page.It.Keyboard.PressAsync("Escape");
        await page.It.Locator(".matrix").WaitForAsync();
    }

    [TestCaseSource(nameof(Looks))]
    public async Task Axe_finds_nothing_and_the_page_fits(ColorScheme scheme, int width)
    {
        await using var page = await OpenAsync(_everything, scheme: scheme, width: width);
        foreach (var view in Views)
        {
            await page.It.GotoAsync(Url(_everything) + view);
            await page.It.Locator("main > *").First.WaitForAsync();
            var found = await page.It.RunAxe();
            Assert.That(found.Violations.Select(v => $"{view}: {v.Id}: {v.Nodes[0].Html} {v.Nodes[0].Any.FirstOrDefault()?.Message}"),
                Is.Empty);
            Assert.That(await page.It.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"),
                Is.True, $"{view} is wider than the window");
            var picture = Path.Combine(Pictures,
                $"report-{scheme.ToString().ToLowerInvariant()}-{width}-{(view.Length == 0 ? "matrix" : view.Split('/')[1])}.png");
            var bytes = await page.It.ScreenshotAsync(new() { Path = picture });
            TestContext.AddTestAttachment(picture);
            Assert.That(bytes, Has.Length.GreaterThan(10_000), $"{view}: an empty picture");
        }
    }

    [Test]
    public async Task Colours_follow_the_system_and_the_button()
    {
        await using var page = await OpenAsync(_everything, scheme: ColorScheme.Dark);
        Task<string> Background() => page.It.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        var dark = await Background();
        await page.It.Locator(".theme").ClickAsync();
        Assert.That(await Background(), Is.EqualTo("rgb(246, 246, 251)").And.Not.EqualTo(dark));
    }

    [Test]
    public async Task Charts_are_drawn_and_their_numbers_stand_beside_them()
    {
        await using var page = await OpenAsync(_everything, "#/times");
        Assert.That(await page.It.EvaluateAsync<int>("""(() => { const canvas = document.querySelector("canvas"); const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data; return new Set(pixels).size; })()"""), Is.GreaterThan(20));
        Assert.That(await page.It.Locator("table.numbers").First.InnerTextAsync(), Does.Contain("wasmtime 1.2.3").And.Contain("1.5 ms"));
        await page.It.GotoAsync(Url(_everything) + "#/trend");
        await page.It.Locator("canvas").Nth(1).WaitForAsync();
        Assert.That(await page.It.Locator("table.numbers tbody tr").CountAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task The_atlas_shows_where_runtimes_part()
    {
        await using var page = await OpenAsync(_everything, "#/atlas");
        Assert.That(await page.It.Locator(".atlas tbody th code").AllInnerTextsAsync(), Is.EqualTo(new[] { "sock_connect" }));
        await page.It.GetByRole(AriaRole.Button, new() { Name = "only where they part" }).ClickAsync();
        Assert.That(await page.It.Locator(".atlas tbody th code").AllInnerTextsAsync(),
            Is.EqualTo(new[] { "fd_write", "sock_accept", "sock_connect" }));
    }

    [Test]
    public async Task A_diff_shows_what_changed_and_filters_by_it()
    {
        var after = SampleReport.Passing.With(cell => cell is { Module: "counter-c", Runtime: "wasmer" }
            ? SampleReport.Fail() with { Id = cell.Id, Repro = cell.Repro } : cell);
        var path = Write("diff", new ReportDocument(after) { Diff = ReportDiff.Between(SampleReport.Passing, after) });
        await using var page = await OpenAsync(path, "#/matrix?q=is:regression");
        Assert.That(await NamesAsync(page.It), Is.EqualTo("counter-c"));
        await page.It.GotoAsync(Url(path) + "#/matrix?q=is:new-split");
        Assert.That(await NamesAsync(page.It), Is.EqualTo("counter-c"));
        await page.It.GotoAsync(Url(path) + "#/changes");
        Assert.That(await page.It.Locator(".changes li.regression").First.InnerTextAsync(),
            Does.Contain("wasmer · counter-c · ten-increments").And.Contain("pass 10/10/10 → fail 11/10/10"));
    }

    [Test]
    public async Task A_partial_report_says_so_on_every_view()
    {
        var path = Write("partial", new ReportDocument(SampleReport.Passing with { Footer = null }));
        await using var page = await OpenAsync(path);
        foreach (var view in new[] { "#/matrix", "#/times", "#/about" })
        {
            await page.It.GotoAsync(Url(path) + view);
            Assert.That(await page.It.Locator("[role=alert]").InnerTextAsync(),
                Does.StartWith("partial report: the run was cut short after 6 cells"));
            Assert.That(await page.It.Locator(".state").InnerTextAsync(), Is.EqualTo("partial"));
        }
    }

    [Test]
    public async Task Pictures_of_cells_are_in_the_file()
    {
        var png = _folder.Sub("pictures", "attachments", "page.png");
        Directory.CreateDirectory(Path.GetDirectoryName(png)!);
        await using (var any = await OpenAsync(_everything)) await any.It.ScreenshotAsync(new() { Path = png });
        var report = SampleReport.Passing.With(
            cell => cell.Seen(run => run with { Attachments = [new Attachment("the page", "attachments/page.png")] }));
        var path = Write("pictures", new ReportDocument(report) { Folder = _folder.Sub("pictures") });
        await using var page = await OpenAsync(path, "#/cell/counter-c/ten-increments/wasmtime");
        Assert.That(await page.It.Locator("figure img")
            .EvaluateAsync<int>("async image => { await image.decode(); return image.naturalWidth; }"), Is.GreaterThan(100));
    }

    [Test]
    public async Task The_picture_for_a_README_is_an_image_to_a_browser()
    {
        var picture = _folder.Sub("matrix.svg");
        ReportFormats.WriteFile(ReportFormats.ByName("svg"), new ReportDocument(SampleReport.Everything), picture);
        var readme = _folder.Write("readme.html",
            $"<!doctype html><html lang=en><title>x</title><main><h1>x</h1><img alt=matrix src='{Url(picture)}'></main></html>");
        await using var page = await OpenAsync(readme);
        Assert.That(await page.It.Locator("img").EvaluateAsync<int>("async image => { await image.decode(); return image.naturalWidth; }"),
            Is.GreaterThan(600));
    }

    /// <summary>
    /// Ten thousand cells: the matrix answers before the file is read to its end, and rows that are not seen are not laid out. How long
    /// that takes is shown, and not asserted: machines differ.
    /// </summary>
    [Test]
    public async Task Ten_thousand_cells_are_laid_out_only_where_they_are_seen()
    {
        var report = SampleReport.Create([.. Enumerable.Range(0, 2000).Select(i => $"module-{i:0000}")],
            ["chromium", "node", "wasmer", "wasmer-js", "wasmtime"],
            (module, runtime) => module.EndsWith('7') && runtime == "wasmer" ? SampleReport.Refused() : SampleReport.Pass());
        var path = Write("large", new ReportDocument(report));
        await using var page = await OpenAsync(path);
        var interactive = await page.It.EvaluateAsync<double>("performance.getEntriesByName('interactive')[0].startTime");
        TestContext.Out.WriteLine($"10,000 cells, {new FileInfo(path).Length:N0} bytes: interactive after {interactive:0} ms");
        var laidOut = await page.It.EvaluateAsync<int>("[...document.querySelectorAll('.row')].filter(row => row.firstElementChild.checkVisibility({ contentVisibilityAuto: true })).length");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await page.It.Locator(".row").CountAsync(), Is.EqualTo(2000));
            Assert.That(laidOut, Is.InRange(5, 200));
            Assert.That(interactive, Is.Positive);
        }

        await page.It.Locator("#q").FillAsync("code:unknown-import");
        Assert.That(await page.It.Locator("#found").InnerTextAsync(), Is.EqualTo("200 of 2000 scenarios"));
        await page.It.GotoAsync(Url(path) + "#/cell/module-1997/ten-increments/wasmer");
        Assert.That(await page.It.Locator("tr.refused code").First.InnerTextAsync(), Is.EqualTo("env::time.resetTimer"));
    }

    /// <summary>
    /// A hundred thousand rows: the first are there at once, others when their end is reached, and the filter knows all of them.
    /// </summary>
    [Test]
    public async Task A_hundred_thousand_rows_come_as_they_are_reached()
    {
        var report = SampleReport.Create([.. Enumerable.Range(0, 100_000).Select(i => $"module-{i:00000}")], ["wasmtime"],
            (module, _) => module.EndsWith("777", StringComparison.Ordinal) ? SampleReport.Refused() : SampleReport.Pass());
        var path = Write("huge", new ReportDocument(report));
        await using var page = await OpenAsync(path);
        var interactive = await page.It.EvaluateAsync<double>("performance.getEntriesByName('interactive')[0].startTime");
        TestContext.Out.WriteLine($"100,000 rows, {new FileInfo(path).Length:N0} bytes: interactive after {interactive:0} ms");
        Assert.That(await page.It.Locator(".row").CountAsync(), Is.EqualTo(500));
        await page.It.Locator("text=more of 100000 scenarios").ScrollIntoViewIfNeededAsync();
        await page.It.Locator(".row").Nth(999).WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.It.Locator("#q").FillAsync("code:unknown-import");
        Assert.That(await page.It.Locator("#found").InnerTextAsync(), Is.EqualTo("100 of 100000 scenarios"));
        Assert.That(await page.It.Locator(".row").CountAsync(), Is.EqualTo(100));
        await page.It.GotoAsync(Url(path) + "#/cell/module-99777/ten-increments/wasmtime");
        Assert.That(await page.It.Locator("tr.refused code").First.InnerTextAsync(), Is.EqualTo("env::time.resetTimer"));
    }

    private static IEnumerable<TestCaseData> Looks() =>
        from scheme in new[] { ColorScheme.Light, ColorScheme.Dark }
        from width in new[] { 1440, 390 }
        select new TestCaseData(scheme, width);

    private static string Pictures => Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "pictures")).FullName;

    private static Reporting.Trends.TrendNight Night(int night) => new(
        SampleReport.Started.AddDays(night), "1.0.0", 9, Counts(("pass", 6), ("fail", 3)),
            Counts(("unanimous", 2), ("split", 1)), night == 0 ? null : night,
        [.. new[] { "chromium", "wasmtime" }.Select(runtime => new Reporting.Trends.TrendRuntime(runtime, "1.2.3", 0, 10 + night, 1, 5))]);

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, int> Counts(params (string Name,
        int Count)[] counts) => System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        counts.Select(c => KeyValuePair.Create(c.Name, c.Count)));

    private static string Squeezed(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static string Url(string path) => new Uri(path).AbsoluteUri;

    // Not the inner text: a row that no frame has shown yet has none, as its content is drawn when it is in sight.
    private static async Task<string> NamesAsync(IPage page) => string.Join(' ', await page.Locator(".row .name b").AllTextContentsAsync());

    private static Task<string> FocusedAsync(IPage page) =>
        page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.ariaLabel || document.activeElement.textContent");

    private string Write(string name, ReportDocument document)
    {
        var path = _folder.Sub(name, "index.html");
        ReportFormats.WriteFile(ReportFormats.ByName("html"), document, path);
        return path;
    }

    private async Task<OpenPage> OpenAsync(string path, string view = "", ColorScheme scheme = ColorScheme.Light, int width = 1440)
    {
        var page = await _browser.NewPageAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } });
        var open = new OpenPage(page);
        await page.GotoAsync(Url(path) + view);
        await page.Locator("main > *").First.WaitForAsync();
        return open;
    }

    /// <summary>A page that must not ask for anything but its own file, nor fail.</summary>
    private sealed class OpenPage : IAsyncDisposable
    {
        private readonly List<string> _faults = [];

        public OpenPage(IPage page)
        {
            It = page;
            page.Request += (_, request) =>
            {
                if (!request.Url.StartsWith("file:", StringComparison.Ordinal)
                    && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                {
                    _faults.Add($"asked for {request.Url}");
                }
            };
            page.PageError += (_, error) => _faults.Add(error);
            page.Console += (_, message) =>
            {
                if (message.Type == "error") _faults.Add(message.Text);
            };
        }

        public IPage It { get; }

        public async ValueTask DisposeAsync()
        {
            await It.CloseAsync();
            Assert.That(_faults, Is.Empty);
        }
    }
}
