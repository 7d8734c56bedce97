using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Conformance.Manifests;
using Conformance.Model;
using Conformance.Model.Counters;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Planning;

/// <summary>Where the harness's own files are: in the checkout that it was built from, or in the package that it came with.</summary>
/// <param name="Root">The folder that holds <c>modules</c>, <c>runtimes</c> and <c>tools</c>.</param>
/// <param name="IsCheckout">True where it can be built anew: a package has no sources.</param>
public sealed record Installation(string Root, bool IsCheckout)
{
    /// <summary>
    /// The runtime option by which the package <c>Conformance.Runtimes</c> tells a program that references it where it is.
    /// </summary>
    private const string Option = "Conformance.Installation";

    /// <summary>What a packaged program has beside itself.</summary>
    private const string Beside = "conformance";

    /// <summary>Absolute path of the folder of guests.</summary>
    public string Modules => Path.Combine(Root, "modules");

    /// <summary>Absolute path of the folder of runtimes.</summary>
    public string Runtimes => Path.Combine(Root, "runtimes");

    /// <summary>What runtimes and guests need besides: the tools' manifests that came with the harness.</summary>
    /// <exception cref="ManifestException">Any manifest is wrong.</exception>
    public ImmutableArray<ToolManifest> ReadTools() =>
        Path.Combine(Root, "tools") is var tools && Directory.Exists(tools) ? ToolManifestReader.ReadAll(tools) : [];

    /// <summary>How a person starts the command.</summary>
    public string Command => IsCheckout ? "./conformance" : "conformance";

    /// <summary>What is typed to run one cell alone.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="serverVariant">The name of its counter server's variant.</param>
    public string Repro(CellId cell, string serverVariant)
    {
        var variant = serverVariant == ServerVariants.Names[0] ? "" : $" --server-variant {serverVariant}";
        var id = Quoted(cell.ToString());
        // What begins as an option does is none after two dashes.
        return id.TrimStart('\'').StartsWith('-') ? $"{Command} repro{variant} -- {id}" : $"{Command} repro {id}{variant}";
    }

    /// <summary>An argument as shells on every system read it back: names of folders may have anything in them.</summary>
    private static string Quoted(string argument) =>
        argument.All(c => char.IsAsciiLetterOrDigit(c) || "_@%+=:,./-".Contains(c, StringComparison.Ordinal)) ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>What this program runs from.</summary>
    /// <exception cref="ConformanceException">It is neither packaged nor in a checkout.</exception>
    public static Installation Find()
    {
        foreach (var place in new[] { AppContext.GetData(Option) as string, Path.Combine(AppContext.BaseDirectory, Beside) })
        {
            if (place is not null && Directory.Exists(Path.Combine(place, "runtimes")))
                return new Installation(Path.GetFullPath(place), IsCheckout: false);
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Conformance.sln"))) return new Installation(folder.FullName, IsCheckout: true);
        }

        throw new NoInstallationException(AppContext.BaseDirectory);
    }

    /// <summary>
    /// The program of a worker that was built with the harness, and what it is started with; null where it is not there, with the place it
    /// was looked for at.
    /// </summary>
    public (string Program, IReadOnlyList<string> Arguments)? Worker(string assembly, out string place)
    {
        if (!IsCheckout)
        {
            // A package is for every system: its programs are started by the .NET that runs this one.
            place = Path.Combine(Root, "workers", assembly, assembly + ".dll");
            return File.Exists(place) ? (Path.Combine(DotnetRoot, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"), [place]) : null;
        }

        // All programs of a checkout are built side by side: <artifacts>/bin/<assembly>/<configuration>/.
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        place = Path.Combine(here.Parent!.Parent!.FullName, assembly, here.Name, assembly + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(place) ? (place, []) : null;
    }

    /// <summary>The .NET that runs this program, wherever that was installed.</summary>
    public static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
}
