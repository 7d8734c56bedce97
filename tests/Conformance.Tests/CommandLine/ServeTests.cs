using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Conformance.Tests.CommandLine;

/// <summary>
/// The page of counter-go-js as <c>conformance serve</c> gives it to a person: by mouse, by keyboard, and as axe sees it.
/// </summary>
[TestFixture]
public sealed class ServeTests
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    [OneTimeSetUp]
    public async Task StartBrowserAsync() => (_playwright, _browser) = await TestBrowser.StartAsync();

    [OneTimeTearDown]
    public async Task EndBrowserAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    [Test]
    public async Task A_person_counts_by_mouse_and_by_keyboard_and_Ctrl_c_ends_it()
    {
        using var serve = await StartAsync();
        var page = await OpenAsync(serve, ColorScheme.Light);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Thumbs up" }).ClickAsync();
        await ShowsAsync(page, "count: 1");
        await page.ReloadAsync();
        await ShowsAsync(page, "count: 1");
        await Assertions.Expect(page.GetByRole(AriaRole.Button)).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByRole(AriaRole.Button)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await ShowsAsync(page, "count: 2");
        await page.Keyboard.PressAsync("Space");
        await ShowsAsync(page, "count: 3");

        serve.Interrupt();
        var ended = await serve.EndAsync();
        Assert.That((ended.ExitCode, ended.Error), Is.EqualTo((0, "")));
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("/add");
        await ShowsAsync(page, "count: 3");
    }

    [TestCase(ColorScheme.Light)]
    [TestCase(ColorScheme.Dark)]
    public async Task Axe_finds_nothing(ColorScheme scheme)
    {
        using var serve = await StartAsync();
        var page = await OpenAsync(serve, scheme);
        await ShowsAsync(page, "count: 0");
        await Assertions.Expect(page.GetByRole(AriaRole.Button)).ToBeEnabledAsync();
        var found = await page.RunAxe();
        Assert.That(Violations(found), Is.Empty);
        Assert.That(found.Passes.Select(p => p.Id), Has.Member("color-contrast").And.Member("button-name"), "it has looked");

        serve.Interrupt();
        await serve.EndAsync();
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).Not.ToBeEmptyAsync();
        Assert.That(Violations(await page.RunAxe()), Is.Empty, "with a problem shown");
    }

    [Test]
    public async Task A_module_without_a_page_is_refused()
    {
        var result = await Command.RunAsync("serve", "counter-c");
        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith("conformance: no page to serve of \"counter-c\": there are counter-go-js"));
    }

    [Test]
    public async Task A_port_that_is_taken_is_told()
    {
        using var serve = await StartAsync();
        var port = new Uri(Link(serve)).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var result = await Command.RunAsync("serve", "--server", "embedded", "--page-port", port);
        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Error, Does.StartWith($"conformance: the page can't be served on 127.0.0.1:{port}: "));
    }

    private static IEnumerable<string> Violations(AxeResult result) =>
        result.Violations.SelectMany(violation => violation.Nodes.Select(
            node => $"{violation.Id}: {violation.Help}: {node.Html}: {string.Join(' ', node.Any.Select(check => check.Message))}"));

    private static Task<Command> StartAsync() =>
        Command.StartAsync("counter-go-js: http", "serve", "counter-go-js", "--server", "embedded");

    private static string Link(Command serve) => serve.AwaitedLine["counter-go-js: ".Length..];

    private async Task<IPage> OpenAsync(Command serve, ColorScheme scheme)
    {
        var page = await _browser!.NewPageAsync(new BrowserNewPageOptions { ColorScheme = scheme });
        page.SetDefaultTimeout(30_000);
        await page.GotoAsync(Link(serve));
        return page;
    }

    private static Task ShowsAsync(IPage page, string text) =>
        Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(text, new LocatorAssertionsToHaveTextOptions
        {
            Timeout = 30_000,
        });
}
