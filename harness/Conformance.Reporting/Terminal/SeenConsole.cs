using Conformance.Wasm;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Conformance.Reporting.Terminal;

/// <summary>
/// A console that shows text and obeys none: what guests, modules and runtimes wrote may stand in anything that is laid out.
/// </summary>
public static class SeenConsole
{
    /// <summary>From now on, each piece of text goes through <see cref="TextName.Seen"/>.</summary>
    public static void ShowSeen(this IAnsiConsole console) => console.Pipeline.Attach(new Hook());

    private sealed class Hook : IRenderHook
    {
        public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
            renderables.Select(renderable => new Seen(renderable));
    }

    private sealed class Seen(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, maxWidth).Select(segment =>
            segment.IsControlCode || segment.IsLineBreak ? segment : new Segment(TextName.Seen(segment.Text), segment.Style));
    }
}
