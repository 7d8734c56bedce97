using Conformance.BareEngines;

// A WASI command on an engine's own API, as its documentation has it, with nothing of Conformance between: what the adapters are held
// against. The guest has this process's stdin, stdout and stderr. How it ended is written to a file: "exit N", "exit" where the engine does
// not tell the number, or "stopped" and the engine's words.
//
// Conformance.BareEngines ENGINE LIBRARY END-FILE MODULE [--dir=GUEST=FOLDER ...] [--env=NAME=VALUE ...] [-- ARGUMENT ...]
var (engine, library, end, module) = (args[0], args[1], args[2], args[3]);
var options = args.Skip(4).TakeWhile(arg => arg != "--").ToList();
(string, string)[] Pairs(string option) => [.. options.Where(given => given.StartsWith(option, StringComparison.Ordinal))
    .Select(given => given[option.Length..].Split('=', 2)).Select(pair => (pair[0], pair[1]))];
var guest = new BareGuest(library, module, [Path.GetFileName(module), .. args.Skip(5 + options.Count)], Pairs("--dir="), Pairs("--env="));
File.WriteAllText(end, engine switch
{
    "wasmtime" => BareWasmtime.Run(guest),
    "wasmer" => BareWasmer.Run(guest),
    "wamr" => BareWamr.Run(guest),
    "lucet" => BareLucet.Run(guest),
    _ => throw new ArgumentException($"no engine is called '{engine}'"),
});

/// <param name="Library">The engine's, or its folder.</param>
/// <param name="Module">The file.</param>
/// <param name="Arguments">Its name first.</param>
/// <param name="Folders">Guest path and folder.</param>
/// <param name="Variables">Its whole environment.</param>
internal sealed record BareGuest(string Library, string Module, string[] Arguments, (string GuestPath, string Folder)[] Folders,
    (string Name, string Value)[] Variables);
