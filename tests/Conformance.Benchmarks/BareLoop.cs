using System.Diagnostics;
using System.Globalization;
using Conformance.CounterServer;
using Wasmtime;

namespace Conformance.Benchmarks;

/// <summary>
/// What somebody writes who wants to see counter-wat count on Wasmtime, many times: a store, an instance and eleven HTTP requests each.
/// </summary>
/// <param name="server">The counter server's URL.</param>
/// <param name="wasm">The module's file.</param>
internal sealed class BareLoop(string server, string wasm)
{
    /// <summary>
    /// What this program is started with to do it in a process of its own; the server, the module and two numbers follow.
    /// </summary>
    public const string Argument = "bare-loop";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>The counter of a cell.</summary>
    public static CounterKey Counter(int cell) => new($"bare {cell}");

    /// <summary>Does it so often.</summary>
    public void Run(int cells, int first = 0)
    {
        using var engine = new global::Wasmtime.Engine();
        using var module = Module.FromFile(engine, wasm);
        var counted = 0;
        for (var i = first; i < first + cells; i++)
        {
            var url = server + Counter(i).Prefix;
            using var linker = new Linker(engine);
            using var store = new Store(engine);
            linker.DefineFunction("env", "main.incrementCount", () => { Send(HttpMethod.Put, url + "/add"); });
            linker.DefineFunction("env", "main.getCount",
                () => int.Parse(Send(HttpMethod.Get, url + "/count"), CultureInfo.InvariantCulture));
            counted += linker.Instantiate(store, module).GetFunction<int>("run")!();
        }

        if (counted != 10 * cells) throw new InvalidOperationException($"counted {counted}");
    }

    /// <summary>The other process: prints the milliseconds that a cell took when it was warm.</summary>
    public static int RunHere(string server, string wasm, int warmUp, int cells)
    {
        var loop = new BareLoop(server, wasm);
        loop.Run(warmUp);
        var started = Stopwatch.GetTimestamp();
        loop.Run(cells, warmUp);
        Console.WriteLine((Stopwatch.GetElapsedTime(started).TotalMilliseconds / cells).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>Starts that process, and gives what it printed.</summary>
    public static double RunElsewhere(string server, string wasm, int warmUp, int cells)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(BareLoop).Assembly.Location, Argument, server, wasm,
            warmUp.ToString(CultureInfo.InvariantCulture), cells.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        })!;
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(printed, CultureInfo.InvariantCulture);
    }

    private string Send(HttpMethod method, string url)
    {
        using var request = new HttpRequestMessage(method, url);
        using var response = _client.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        return reader.ReadToEnd();
    }
}
