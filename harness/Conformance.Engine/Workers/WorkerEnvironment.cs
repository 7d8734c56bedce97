using System.Collections;
using Conformance.Engine.Planning;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Workers;

/// <summary>
/// What a worker sees of the harness's environment: what programs need to run, what this project is set by, and what its runtime's manifest
/// names. Tokens and passwords of whoever started the harness are not for engines that are tried.
/// </summary>
internal static class WorkerEnvironment
{
    /// <summary>Names, or beginnings of names with a star.</summary>
    private static readonly string[] Passed =
    [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "LC_*", "TZ", "XDG_*", "FONTCONFIG_*", "LD_LIBRARY_PATH", "DYLD_*",
        "DOTNET_*", "CONFORMANCE_*",
        // Windows finds no library and no folder of a user without these.
        "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT", "APPDATA", "LOCALAPPDATA", "USERPROFILE", "Program*",
        "NUMBER_OF_PROCESSORS", "PROCESSOR_*",
    ];

    /// <summary>Of those, what is the harness's own business.</summary>
    private static readonly string[] Kept = ["CONFORMANCE_MIRROR", "CONFORMANCE_REQUIRE"];

    /// <param name="runtime">Whose worker.</param>
    /// <param name="temporary">The folder for its files, which goes with it.</param>
    public static Dictionary<string, string?> Create(RuntimeManifest runtime, string temporary)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!Kept.Contains(name) && Passed.Concat(runtime.Environment).Any(pattern => Matches(name, pattern)))
                environment[name] = (string?)variable.Value;
        }

        foreach (var name in new[] { "TMPDIR", "TMP", "TEMP" }) environment[name] = temporary;
        environment[StrayProcesses.Variable] = temporary;
        environment[KeptDigests.Variable] = KeptDigests.Folder;
        // A .NET program makes a pipe for debuggers in the temporary folder, and leaves it there when it is killed.
        environment["DOTNET_EnableDiagnostics"] = "0";
        // A program of ours finds the .NET that runs the harness, wherever that was installed.
        if (runtime.Worker.Assembly is not null) environment.TryAdd("DOTNET_ROOT", Installation.DotnetRoot);
        // What an engine says is not to depend on whether somebody looks for a fault of their own: with it, engines in Rust add where in
        // themselves they were, and take ten times as long to find that out.
        environment["RUST_BACKTRACE"] = "0";
        return environment;
    }

    /// <summary>The variables that the runtime's manifest names and that are set, as <c>NAME=value</c>.</summary>
    /// <param name="runtime">Whose manifest.</param>
    public static IEnumerable<string> Named(RuntimeManifest runtime) => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(variable => runtime.Environment.Any(pattern => Matches((string)variable.Key, pattern)))
        .Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal);

    private static bool Matches(string name, string pattern)
    {
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], comparison) : name.Equals(pattern, comparison);
    }
}
