using System.Security;
using System.Text;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>The script that starts a program of Debian from the folder that its packages were unpacked into.</summary>
internal static class UnpackedProgram
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The folder of all such scripts.</summary>
    public static string Folder => ConformanceHome.Within("bin");

    /// <summary>The script's place; it is there when all is there.</summary>
    /// <param name="program">The program's path in the packages.</param>
    public static string Script(string program) => Path.Combine(Folder, Path.GetFileName(program));

    /// <summary>Writes the script, and what it needs.</summary>
    /// <param name="place">Where the packages are.</param>
    /// <param name="program">The program's path in them.</param>
    /// <param name="packages">What says what it needs.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write(string place, string program, DebianPackages packages)
    {
        var settings = new List<string>();
        var libraries = packages.Libraries.SelectMany(pattern => Folders(place, pattern)).ToList();
        if (libraries.Count > 0) settings.Add($"LD_LIBRARY_PATH={Quoted(string.Join(':', libraries))} ");
        if (packages.Fonts is { } fonts)
        {
            settings.Add($"FONTCONFIG_FILE={Quoted($"{place}/fonts.conf")} ");
            var folder = SecurityElement.Escape(place);
            File.WriteAllText(Path.Combine(place, "fonts.conf"), $"""
                <?xml version="1.0"?>
                <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
                <fontconfig><dir>{folder}/{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/fonts</cachedir></fontconfig>

                """);
        }

        WholeFile.Write(Script(program), file =>
        {
            file.Write(Encoding.UTF8.GetBytes($"#!/bin/sh\n{string.Concat(settings)}exec {Quoted($"{place}/{program}")} \"$@\"\n"));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(((FileStream)file).SafeFileHandle, Executable);
        });
    }

    /// <summary>One word of a shell, whatever is in it.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>The folders that a path with stars for names stands for.</summary>
    private static IEnumerable<string> Folders(string root, string pattern) => pattern.Split('/').Aggregate((IEnumerable<string>)[root],
        (found, step) => found.SelectMany(folder => Directory.Exists(folder) ? Directory.GetDirectories(folder, step) : []));
}
