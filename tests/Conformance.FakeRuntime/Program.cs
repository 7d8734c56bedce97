using System.Diagnostics;
using Conformance.FakeRuntime;
using Conformance.Runtimes.Hosting;

// One behaviour by name; see FakeSession. These never get as far as the protocol:
switch (args[0])
{
    case "answers-nonsense":
        Console.ReadLine();
        Console.WriteLine("Hello, I am a runtime!");
        Console.ReadLine();
        return 0;
    case "answers-json-nonsense":
        Console.ReadLine();
        Console.WriteLine("""{"jsonrpc":"2.0","id":"nobody-asked","result":[1,2,3]}""");
        Console.WriteLine("[42]");
        Console.ReadLine();
        return 0;
    case "floods-stdout":
        var line = new string('x', 1 << 20);
        while (true) Console.Write(line);
    case "dies-at-start":
        Console.Error.WriteLine("no such engine");
        return 3;
    case "never-answers":
        Process.GetCurrentProcess().WaitForExit();
        return 0;
    case var behaviour when RawWorker.Serve(behaviour):
        return 0;
    default:
        return await WorkerHost.RunAsync(_ => FakeSession.StartAsync(args[0]));
}
