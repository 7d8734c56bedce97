using System.Collections.Immutable;
using System.Globalization;

namespace Conformance.Wasm;

/// <summary>Which functions of a module call which, by their code; names are the name section's, where there is one.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/appendix/custom.html#name-section"/>
public sealed class CallGraph
{
    private readonly Dictionary<uint, List<uint>> _callers = [];
    private readonly Dictionary<uint, string> _names = [];
    private readonly Dictionary<uint, string> _exports = [];
    private readonly List<int> _imported = [];
    private readonly uint? _start;

    /// <param name="module">A core module.</param>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module, or its code is of a proposal that is not known
    /// here.</exception>
    public CallGraph(byte[] module)
    {
        var its = WasmInterfaceReader.Read(module);
        _imported.AddRange(its.Imports.Index().Where(import => import.Item.Type is FunctionType).Select(import => import.Index));
        var cursor = new WasmCursor(module);
        cursor.Slice(8, "preamble");
        while (!cursor.AtEnd)
        {
            var id = cursor.Byte("section id");
            var section = cursor.Slice(cursor.U32("section size"), "section");
            if (id == WasmSections.Exports) ReadExports(ref section);
            else if (id == WasmSections.Start) _start = section.U32("start function");
            else if (id == WasmSections.Code) ReadCode(ref section);
            else if (id == 0 && section.Name("section name") == "name") ReadNames(ref section);
        }
    }

    /// <summary>
    /// How an import is reached: for each function that calls it, the shortest way to it from an export or the start function, the import
    /// last. A function that nothing of those calls, but that may be called through a table, is alone before the import.
    /// </summary>
    /// <param name="import">Its place in the import section.</param>
    /// <returns>Ways, the shortest first; none where nothing calls it, or where it is no function.</returns>
    public ImmutableArray<ImmutableArray<string>> WaysTo(int import)
    {
        var function = _imported.IndexOf(import);
        return function < 0 ? [] : [.. Callers((uint)function)
            .Select(caller => ImmutableArray.CreateRange(WayTo(caller).Append(Name((uint)function))))
            .OrderBy(way => way.Length).ThenBy(way => string.Join('\n', way), StringComparer.Ordinal)];
    }

    private IEnumerable<uint> Callers(uint function) => _callers.GetValueOrDefault(function, []);

    private bool IsEntry(uint function) => _exports.ContainsKey(function) || function == _start;

    private List<string> WayTo(uint function)
    {
        var next = new Dictionary<uint, uint?> { [function] = null };
        var queue = new Queue<uint>([function]);
        while (queue.TryDequeue(out var current))
        {
            if (!IsEntry(current))
            {
                foreach (var caller in Callers(current))
                {
                    if (next.TryAdd(caller, current)) queue.Enqueue(caller);
                }

                continue;
            }

            var way = new List<string> { Name(current) };
            for (var at = next[current]; at is { } step; at = next[step]) way.Add(Name(step));
            return way;
        }

        return [Name(function)];
    }

    private string Name(uint function)
    {
        var name = _names.TryGetValue(function, out var known) ? TextName.Plain(known)
            : string.Create(CultureInfo.InvariantCulture, $"function {function}");
        if (_exports.TryGetValue(function, out var export))
            return known == export ? $"{name} (exported)" : $"{name} (exported as {TextName.Plain(export)})";
        return function == _start ? $"{name} (the start function)" : name;
    }

    private void ReadExports(ref WasmCursor section)
    {
        for (var remaining = section.Count("export"); remaining > 0; remaining--)
        {
            var name = section.Name("export name");
            var kind = section.Byte("export kind");
            var index = section.U32("export index");
            if (kind == (byte)ExternKind.Func) _exports.TryAdd(index, name);
        }
    }

    private void ReadCode(ref WasmCursor section)
    {
        var caller = (uint)_imported.Count;
        for (var remaining = section.Count("function"); remaining > 0; remaining--, caller++)
        {
            var code = section.Slice(section.U32("function size"), "function");
            for (var locals = code.Count("local"); locals > 0; locals--)
            {
                code.U32("local count");
                if (code.Peek("local type") is 0x63 or 0x64) code.Byte("reference type");
                code.S33("local type");
            }

            while (!code.AtEnd)
            {
                if (InstructionReader.Read(ref code) is not { } callee) continue;
                if (!_callers.TryGetValue(callee, out var callers)) _callers[callee] = callers = [];
                if (callers.Count == 0 || callers[^1] != caller) callers.Add(caller);
            }
        }
    }

    /// <summary>A section that is not well-formed gives no names: engines take no notice of it either.</summary>
    private void ReadNames(ref WasmCursor section)
    {
        try
        {
            while (!section.AtEnd)
            {
                var id = section.Byte("subsection id");
                var names = section.Slice(section.U32("subsection size"), "subsection");
                if (id != 1) continue;
                for (var remaining = names.Count("name"); remaining > 0; remaining--)
                {
                    var function = names.U32("function index");
                    _names[function] = names.Name("function name");
                }
            }
        }
        catch (WasmFormatException)
        {
            _names.Clear();
        }
    }
}
