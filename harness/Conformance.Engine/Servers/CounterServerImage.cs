using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Conformance.Engine.Servers;

/// <summary>
/// What the counter server's image is built from: its Dockerfile and the static native binary, kept by the hash of the sources that made it, so that
/// it is compiled once.
/// </summary>
/// <param name="Context">The folder to build the image from; it holds nothing else.</param>
/// <param name="Tag">The image's name and tag: the hash of what is in <paramref name="Context"/>.</param>
public sealed record CounterServerImage(string Context, string Tag)
{
    private const string Binary = "Conformance.CounterServer";

    /// <summary>A native compilation takes under a minute on two cores.</summary>
    private static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(10);

    /// <summary>Finds what was compiled before, or compiles it.</summary>
    /// <exception cref="ConformanceException">It can't be compiled here.</exception>
    public static async Task<CounterServerImage> EnsureAsync(string repository, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux()) throw Impossible("a native Linux binary can only be compiled on Linux");
        var project = Path.Combine(repository, "harness", "Conformance.CounterServer");
        if (!Directory.Exists(project)) throw Impossible($"{project} is not there");
        var folder = Path.Combine(repository, "artifacts", "image", HashSources(repository, project));
        var context = Path.Combine(folder, "context");
        using (await LockAsync(folder, cancellation).ConfigureAwait(false))
        {
            if (!File.Exists(Path.Combine(context, Binary))) await PublishAsync(project, folder, context, cancellation).ConfigureAwait(false);
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
                "publish", project, "-c", "Release", "-r", $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "--nologo", "-v", "quiet",
                "-p:PublishAot=true", $"-p:ArtifactsPath={Path.Combine(folder, "artifacts")}", "-o", output,
            },
        };
        // Inside `dotnet test`, these point the inner build at the outer one's settings.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        using var publish = Process.Start(start) ?? throw Impossible("dotnet can't be started");
        publish.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(PublishLimit);
        try
        {
            var text = await Task.WhenAll(publish.StandardOutput.ReadToEndAsync(limit.Token), publish.StandardError.ReadToEndAsync(limit.Token)).ConfigureAwait(false);
            await publish.WaitForExitAsync(limit.Token).ConfigureAwait(false);
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
        var folders = new[] { project, Path.Combine(repository, "harness", "Conformance.Model") };
        var files = folders.SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories)).Where(f => Path.GetExtension(f) is ".cs" or ".csproj" or "")
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

    /// <summary>Two harnesses at once (a run and the tests) compile once.</summary>
    private static async Task<FileStream> LockAsync(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!cancellation.IsCancellationRequested)
            {
                // A file lock can't be awaited; the holder needs most of a minute.
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation).ConfigureAwait(false);
            }
        }
    }

    private static ConformanceException Impossible(string why) => new(ExitCode.Environment, $"the counter server's image can't be built: {why}");
}
