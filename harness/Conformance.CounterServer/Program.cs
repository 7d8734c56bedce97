using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Conformance.CounterServer;
using Conformance.Model.Counters;

// counter-server [--port N] [--listen ADDRESS] [--variant NAME] [--idle SECONDS] [--origin URL]
// counter-server --health URL   (exit 0 where it answers; an image from scratch has no other program to ask with)
var options = new Dictionary<string, string>(StringComparer.Ordinal)
{
    ["--port"] = "8080",
    ["--listen"] = "127.0.0.1",
    ["--variant"] = "correct"
};
for (var i = 0; i < args.Length; i += 2)
{
    if (i + 1 == args.Length || args[i] is not ("--port" or "--listen" or "--variant" or "--idle" or "--origin" or "--health"))
        return Refuse($"unknown or incomplete option '{args[i]}'; known: --port, --listen, --variant, --idle, --origin, --health, each with a value");
    options[args[i]] = args[i + 1];
}

if (options.TryGetValue("--health", out var url))
{
    // A proxy of the environment is for others than this machine.
    using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    try
    {
        using var response = await client.GetAsync(new Uri(url));
        return response.IsSuccessStatusCode ? 0 : 1;
    }
    catch (Exception e) when (e is HttpRequestException or OperationCanceledException or UriFormatException)
    {
        Console.Error.WriteLine($"counter-server: {url}: {e.Message}");
        return 1;
    }
}

if (!int.TryParse(options["--port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort)
    return Refuse($"--port {options["--port"]} is not a port");
if (!IPAddress.TryParse(options["--listen"], out var address)) return Refuse($"--listen {options["--listen"]} is not an address");
if (!ServerVariants.ByName.TryGetValue(options["--variant"], out var variant))
    return Refuse($"--variant {options["--variant"]} is not one of {string.Join(", ", ServerVariants.ByName.Keys)}");
TimeSpan? idle = null;
if (options.TryGetValue("--idle", out var seconds))
{
    if (!double.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed) || parsed <= 0)
        return Refuse($"--idle {seconds} is not a positive number of seconds");
    idle = TimeSpan.FromSeconds(parsed);
}

await using var app = CounterApplication.Build(new IPEndPoint(address, port), variant, idle, options.GetValueOrDefault("--origin"));
try
{
    await app.StartAsync();
}
catch (Exception e) when (e is IOException or SocketException)
{
    return Refuse(e.Message, 3);
}

Console.WriteLine($"counter-server: {variant.Name()} on {app.Urls.First()}");
await app.WaitForShutdownAsync();
return 0;

static int Refuse(string message, int code = 2)
{
    Console.Error.WriteLine($"counter-server: {message}");
    return code;
}
