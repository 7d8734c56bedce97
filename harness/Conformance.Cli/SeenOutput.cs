using System.Text;
using Conformance.Reporting.Terminal;
using Conformance.Wasm;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>
/// The edge where all that this command prints leaves it: whatever a guest, a module or a runtime had in it by then is seen, and does
/// nothing (<see cref="TextName.Seen"/>). Documents that are written to stdout are bytes, and do not come by.
/// </summary>
internal static class SeenOutput
{
    /// <summary>Puts itself before the console, and before plain stdout and stderr.</summary>
    public static void Attach()
    {
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new StandardOutput(Console.Out) });
        AnsiConsole.Console.ShowSeen();
        Console.SetOut(TextWriter.Synchronized(new SeenWriter(Console.Out)));
        Console.SetError(TextWriter.Synchronized(new SeenWriter(Console.Error)));
    }

    /// <summary>Spectre's own, which takes only what is <see cref="Console.Out"/> for a terminal.</summary>
    private sealed class StandardOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        private const int DefaultWidth = 80, DefaultHeight = 24;

        public TextWriter Writer => writer;

        public bool IsTerminal => !Console.IsOutputRedirected;

        public int Width => Size(() => Console.BufferWidth, DefaultWidth);

        public int Height => Size(() => Console.WindowHeight, DefaultHeight);

        public void SetEncoding(Encoding encoding)
        {
            if (IsTerminal) Console.OutputEncoding = encoding;
        }

        private static int Size(Func<int> ask, int otherwise)
        {
            try
            {
                return ask() is > 0 and var size ? size : otherwise;
            }
            catch (IOException)
            {
                return otherwise;
            }
        }
    }

    private sealed class SeenWriter(TextWriter inner) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => inner.Write(value is '\r' ? "\r" : TextName.Seen(value.ToString()));

        public override void Write(string? value)
        {
            if (value is not null) inner.Write(TextName.Seen(value));
        }

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : TextName.Seen(value));

        public override void Flush() => inner.Flush();
    }
}
