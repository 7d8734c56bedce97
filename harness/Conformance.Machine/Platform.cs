using System.Runtime.InteropServices;

namespace Conformance.Machine;

/// <summary>The system and the processor that this process runs on, by the names that .NET and releases have for them.</summary>
/// <seealso href="https://learn.microsoft.com/dotnet/core/rid-catalog"/>
public static class Platform
{
    /// <summary>Such as <c>linux-x64</c>, <c>osx-arm64</c> or <c>win-x64</c>.</summary>
    public static string Name { get; } =
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
}
