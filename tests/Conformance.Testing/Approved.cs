using System.Text;
using Snapshooter.NUnit;

namespace Conformance.Testing;

/// <summary>
/// Texts that stay as they are until somebody means to change them: each lies in a folder <c>__snapshots__</c> beside its test. What
/// differs is written to <c>__mismatch__</c> beside it; who means the change moves it over the old one.
/// </summary>
public static class Approved
{
    // Without it a text that is missing would be written and the test pass.
    static Approved() => Environment.SetEnvironmentVariable("SNAPSHOOTER_STRICT_MODE",
        Environment.GetEnvironmentVariable("CONFORMANCE_NEW_SNAPSHOTS") == "1" ? "off" : "on");

    /// <param name="text">What is now.</param>
    /// <param name="name">The file's, without an extension; unique among all tests.</param>
    public static void Match(string text, string name) => Snapshot.Match(WellFormed(text), name);

    /// <summary>What a file can keep: half a surrogate pair is no text there.</summary>
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
