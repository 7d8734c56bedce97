using Conformance.Manifests;
using Microsoft.Playwright;

namespace Conformance.Tests;

/// <summary>The Chromium of this machine, for pages that a person looks at. It can look up nothing outside.</summary>
internal static class TestBrowser
{
    public static async Task<(IPlaywright Playwright, IBrowser Browser)> StartAsync()
    {
        var options = Repository.Runtime("chromium").Options;
        var folders = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator);
        var program = new[] { Environment.GetEnvironmentVariable(options["environment"]) }
            .Concat(options["programs"].Split(' ').SelectMany(name => folders.Select(folder => Path.Combine(folder, name))))
                .FirstOrDefault(File.Exists);
        if (program is null) Requirement.Missing("chromium", "no browser is on PATH");
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1", "--disable-background-networking"],
        }));
    }
}
