using System.Collections.Immutable;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Browser;

/// <summary>Finds a browser's program.</summary>
internal static class BrowserProgram
{
    /// <param name="options">The runtime's: <c>environment</c> names the variable that a user points at a browser with, <c>programs</c> the
    /// names to look for on PATH.</param>
    /// <param name="downloaded">Where Playwright keeps its own download of the browser.</param>
    /// <exception cref="RuntimeUnavailableException">There is none.</exception>
    public static string Find(ImmutableSortedDictionary<string, string> options, string downloaded)
    {
        var variable = options.GetValueOrDefault("environment", "");
        var programs = options.GetValueOrDefault("programs", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (variable.Length > 0 && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } chosen)
        {
            return File.Exists(chosen)
                ? chosen
                : throw new RuntimeUnavailableException($"{variable} is {chosen}, which is not there",
                    $"set {variable} to a browser's program, or unset it");
        }

        var found = programs.SelectMany(program => Folders().Select(folder => Path.Combine(folder, program)))
            .Append(downloaded).FirstOrDefault(File.Exists);
        return found ?? throw new RuntimeUnavailableException(
            $"no browser is here (none of {string.Join(", ", programs)} is on PATH, and Playwright has downloaded none)", null);
    }

    /// <summary>
    /// Playwright's driver is a program for Node.js. A build has Playwright's own beside it; a package, which is for every system, takes
    /// the machine's.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">There is none.</exception>
    public static void ChooseDriversNode()
    {
        const string Variable = "PLAYWRIGHT_NODEJS_PATH";
        if (Directory.Exists(Path.Combine(AppContext.BaseDirectory, ".playwright", "node"))
            || Environment.GetEnvironmentVariable(Variable) is { Length: > 0 })
        {
            return;
        }

        var name = OperatingSystem.IsWindows() ? "node.exe" : "node";
        var found = Folders().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new RuntimeUnavailableException("the browser's driver needs Node.js, and no node is on PATH",
                "install Node.js 20 or newer so that node is on PATH");
        Environment.SetEnvironmentVariable(Variable, found);
    }

    /// <summary>
    /// The program file of the browser that this process has started: what stands on PATH is often a script around it. Null where the
    /// system does not tell (anywhere but on Linux).
    /// </summary>
    public static string? Running()
    {
        if (!OperatingSystem.IsLinux()) return null;
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && ParentOf(folder) is { } parent) parents[id] = parent;
        }

        return parents.Keys.Where(IsOurs).Select(id => File.ResolveLinkTarget($"/proc/{id}/exe", returnFinalTarget: false)?.FullName)
            .FirstOrDefault(exe => exe is not null && Path.GetFileName(exe)
                .StartsWith("chrom", StringComparison.Ordinal) && !exe.EndsWith("_handler", StringComparison.Ordinal));

        bool IsOurs(int id)
        {
            while (parents.TryGetValue(id, out var parent))
            {
                if (parent == Environment.ProcessId) return true;
                id = parent;
            }

            return false;
        }
    }

    private static string[] Folders() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static int? ParentOf(string folder)
    {
        try
        {
            // "pid (name) state ppid …": the name may hold anything, so the fields count from the last bracket.
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it has ended meanwhile
        }
    }
}
