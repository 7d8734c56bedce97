using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Conformance.Machine;

namespace Conformance.Engine.Servers;

/// <summary>
/// What the counter server's image is built from: its Dockerfile and the static native binary, kept by the hash of the sources that made
/// it, so that it is compiled once.
/// </summary>
/// <param name="Context">The folder to build the image from; it holds nothing else.</param>
/// <param name="Tag">The image's name and tag: the hash of what is in <paramref name="Context"/>.</param>
public sealed record CounterServerImage(string Context, string Tag)
{
    private const string Binary = "Conformance.CounterServer";

    /// <summary>A native compilation takes under a minute on two cores.</summary>
    private static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(10);

    /// <summary>Finds what was compiled before, or compiles it.</summary>
    /// <param name="repository">Where the source is.</param>
    /// <param name="waiting">How compiling is waited for.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConformanceException">It can't be compiled here.</exception>
    public static async Task<CounterServerImage> EnsureAsync(string repository, Waiting waiting, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux()) throw Impossible("a native Linux binary can only be compiled on Linux");
        var project = Path.Combine(repository, "harness", "Conformance.CounterServer");
        if (!Directory.Exists(project)) throw Impossible($"{project} is not there");
        var folder = Path.Combine(repository, "artifacts", "image", HashSources(repository, project));
        var context = Path.Combine(folder, "context");
        // Two harnesses at once (a run and the tests) compile once.
        using (await waiting.ForAsync("another process to compile the counter server", PublishLimit,
            token => ProcessLock.TakeAsync(Path.Combine(folder, "lock"), () => { }, token), cancellation).ConfigureAwait(false))
        {
            if (!File.Exists(Path.Combine(context, Binary)))
            {
                await waiting.ForAsync("dotnet publish to compile the counter server",
                PublishLimit, token => PublishAsync(project, folder, context, token), cancellation).ConfigureAwait(false);
            }
        }

        return new CounterServerImage(context, $"conformance/counter-server:{HashFiles(Directory.GetFiles(context), context)[..16]}");
    }

    private static async Task PublishAsync(string project, string folder, string context, CancellationToken cancellation)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "gcc"))))
            throw Impossible("no C compiler to link it with; as root: apt-get install -y --no-install-recommends gcc libc6-dev");
        var output = Path.Combine(folder, "publish");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            ArgumentList =
            {
                "publish", project, "-c", "Release", "-r", $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}",
                    "--nologo", "-v", "quiet",
                "-p:PublishAot=true", "-p:RunAnalyzers=false", $"-p:ArtifactsPath={Path.Combine(folder, "artifacts")}", "-o", output,
            },
        };
        // Inside `dotnet test`, these point the inner build at the outer one's settings.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var publish = Process.Start(start) ?? throw Impossible("dotnet can't be started");
        publish.StandardInput.Close();
        try
        {
            var text = await Task.WhenAll(publish.StandardOutput.ReadToEndAsync(cancellation),
                publish.StandardError.ReadToEndAsync(cancellation)).ConfigureAwait(false);
            await publish.WaitForExitAsync(cancellation).ConfigureAwait(false);
            if (publish.ExitCode != 0) throw Impossible($"dotnet publish failed: {FirstError(string.Concat(text))}");
        }
        catch (OperationCanceledException)
        {
            publish.Kill(entireProcessTree: true);
            throw;
        }

        // The debug file beside the binary is larger than the image: only what the Dockerfile names goes into the context.
        Directory.CreateDirectory(context);
        File.Copy(Path.Combine(project, "Dockerfile"), Path.Combine(context, "Dockerfile"), overwrite: true);
        File.Move(Path.Combine(output, Binary), Path.Combine(context, Binary), overwrite: true);
        Directory.Delete(Path.Combine(folder, "artifacts"), recursive: true);
        Directory.Delete(output, recursive: true);
    }

    private static string FirstError(string text) =>
        text.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase))?.Trim() ?? text.Trim();

    private static string HashSources(string repository, string project)
    {
        string[] folders = [project, Path.Combine(repository, "harness", "Conformance.Model"),
            Path.Combine(repository, "harness", "Conformance.Wasm")];
        var files = folders.SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) is ".cs" or ".csproj" or "")
            .Concat(Directory.EnumerateFiles(repository, "Directory.*"));
        return HashFiles(files, repository)[..16];
    }

    private static string HashFiles(IEnumerable<string> files, string root)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(root, file)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static EnvironmentException Impossible(string why) => new($"the counter server's image can't be built: {why}");
}
