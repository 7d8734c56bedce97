using System.Collections.Immutable;

namespace Conformance.Wasm;

/// <summary>Which functions of a module call which, by their code.</summary>
public sealed class CallGraph
{
    private readonly FunctionNames _names = new();
    private readonly Dictionary<uint, HashSet<uint>> _callees = [];
    private readonly List<int> _imported;
    private readonly uint? _start;

    /// <summary>
    /// What is reached from an export or the start function, each with its caller on the shortest way there; null for those themselves.
    /// </summary>
    private readonly Dictionary<uint, uint?> _reached = [];

    /// <param name="module">A core module.</param>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module, or its code is of a proposal that is not known
    /// here.</exception>
    public CallGraph(byte[] module)
    {
        var its = WasmInterfaceReader.Read(module);
        _imported = [.. its.Imports.Index().Where(import => import.Item.Type is FunctionType).Select(import => import.Index)];
        var cursor = new WasmCursor(module);
        cursor.Slice(8, "preamble");
        while (!cursor.AtEnd)
        {
            var id = cursor.Byte("section id");
            var section = cursor.Slice(cursor.U32("section size"), "section");
            if (id == WasmSections.Exports) _names.ReadExports(ref section);
            else if (id == WasmSections.Start) _start = section.U32("start function");
            else if (id == WasmSections.Code) ReadCode(ref section);
            else if (id == 0 && section.Name("section name") == "name") _names.ReadNames(ref section);
        }

        Reach();
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
        return function < 0 ? [] : [.. _callees.Where(caller => caller.Value.Contains((uint)function))
            .Select(caller => ImmutableArray.CreateRange(WayTo(caller.Key).Append(Name((uint)function))))
            .OrderBy(way => way.Length).ThenBy(way => string.Join('\n', way), StringComparer.Ordinal)];
    }

    private void Reach()
    {
        var entries = _names.Exports.Keys.Order();
        var queue = new Queue<uint>(_start is { } start ? entries.Append(start) : entries);
        foreach (var entry in queue) _reached[entry] = null;
        while (queue.TryDequeue(out var caller))
        {
            foreach (var callee in _callees.GetValueOrDefault(caller, []))
            {
                if (_reached.TryAdd(callee, caller)) queue.Enqueue(callee);
            }
        }
    }

    private IEnumerable<string> WayTo(uint function)
    {
        var way = new List<string>();
        for (uint? at = function; at is { } step; at = _reached.GetValueOrDefault(step)) way.Add(Name(step));
        way.Reverse();
        return way;
    }

    private string Name(uint function)
    {
        var own = _names.Find(function);
        var name = TextName.Plain(own);
        if (_names.Exports.TryGetValue(function, out var export))
            return own == export ? $"{name} (exported)" : $"{name} (exported as {TextName.Plain(export)})";
        return function == _start ? $"{name} (the start function)" : name;
    }

    private void ReadCode(ref WasmCursor section)
    {
        var caller = (uint)_imported.Count;
        for (var remaining = section.Count("function"); remaining > 0; remaining--, caller++)
        {
            var code = section.Slice(section.U32("function size"), "function");
            InstructionReader.SkipLocals(ref code);
            var callees = _callees[caller] = [];
            while (!code.AtEnd)
            {
                if (InstructionReader.Read(ref code) is { } callee) callees.Add(callee);
            }
        }
    }
}
