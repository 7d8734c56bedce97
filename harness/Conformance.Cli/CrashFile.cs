using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Conformance.Engine.Running;
using Conformance.Machine;

namespace Conformance.Cli;

/// <summary>
/// What is known of a fault of our own, for who reports it: the exception and where it came from, and nothing of the environment or the
/// arguments, which hold secrets.
/// </summary>
internal static partial class CrashFile
{
    /// <summary>Writes it, and says where in one line on stderr.</summary>
    /// <param name="error">What nobody expected.</param>
    /// <param name="command">The command's name.</param>
    public static ExitCode Tell(Exception error, string command)
    {
        var inner = error is AggregateException { InnerExceptions: [var only] } ? only : error;
        var words = WithoutSecrets(inner.Message).ReplaceLineEndings(" ");
        var line = $"conformance: a fault of its own in {command}: {inner.GetType().Name}: {words}";
        MachineFault.Print(Write(error, command) is { } path ? $"{line}; please report it with {path}" : line);
        return ExitCode.Environment;
    }

    private static string? Write(Exception error, string command)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            conformance {command}, {ReportHeader.HarnessVersion}
            {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm:ss} UTC, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}

            {WithoutSecrets(error.ToString())}

            """);
        foreach (var folder in new[] { Path.Combine(ConformanceHome.Folder, "crashes"), Path.GetTempPath() })
        {
            try
            {
                var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture,
                    $"conformance-crash-{DateTimeOffset.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt"));
                WholeFile.Write(path, System.Text.Encoding.UTF8.GetBytes(text));
                return path;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next folder, or none: the line says what it is.
            }
        }

        return null;
    }

    /// <summary>A text without the values of variables whose names say that they are secret, and without users in URLs.</summary>
    private static string WithoutSecrets(string text)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string name, Value: string { Length: > 3 } value } && SecretName().IsMatch(name))
                text = text.Replace(value, "***", StringComparison.Ordinal);
        }

        return UserInUrl().Replace(text, "://***@");
    }

    [GeneratedRegex("TOKEN|SECRET|PASSW|KEY|CREDENTIAL|AUTH", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"://[^/\s@]+@")]
    private static partial Regex UserInUrl();
}
