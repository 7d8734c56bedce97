using System.Diagnostics;
using System.Text.Json;

namespace Conformance.Tests.Reports;

/// <summary>Programs of others that read what formats write; see consumers/check.mjs.</summary>
internal static class Consumers
{
    /// <summary>What a program says of a file: <c>problems</c>, and what it read.</summary>
    public static async Task<JsonElement> AskAsync(string kind, string file)
    {
        var start = new ProcessStartInfo("node", ["check.mjs", kind, file])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "tests", "Conformance.Tests", "Reports", "consumers"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(output, Is.Not.Empty, await error);
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>Fails where the program has anything to say against the file.</summary>
    public static async Task<JsonElement> AcceptAsync(string kind, string file)
    {
        var said = await AskAsync(kind, file);
        Assert.That(said.GetProperty("problems").EnumerateArray().Select(problem => problem.GetRawText()), Is.Empty, $"{kind}: {file}");
        return said;
    }
}
