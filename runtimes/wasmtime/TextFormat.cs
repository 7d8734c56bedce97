using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>
/// Makes a module of WebAssembly's text format, by the parser that comes with Wasmtime: what the harness starts this program for besides,
/// since text is as untrusted as modules are.
/// </summary>
internal static class TextFormat
{
    /// <summary>The program's first argument; a file of text and the module's file to write follow.</summary>
    public const string Argument = "text-format";

    /// <returns>0, or 2 where the text is wrong, with the parser's words on stderr.</returns>
    public static int Convert(string textPath, string modulePath)
    {
        try
        {
            File.WriteAllBytes(modulePath, Module.ConvertText(File.ReadAllText(textPath)));
            return 0;
        }
        catch (WasmtimeException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }
}
