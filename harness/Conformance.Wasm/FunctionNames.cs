using System.Globalization;

namespace Conformance.Wasm;

/// <summary>What functions of a module are called: by the name section, by an export, or by their number.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/appendix/custom.html#name-section"/>
internal sealed class FunctionNames
{
    private readonly Dictionary<uint, string> _names = [];
    private readonly Dictionary<uint, string> _exports = [];

    /// <summary>The functions that are exported, by the first name of each.</summary>
    public IReadOnlyDictionary<uint, string> Exports => _exports;

    /// <summary>The name that the name section gives, or the number.</summary>
    public string Find(uint function) => _names.GetValueOrDefault(function)
        ?? string.Create(CultureInfo.InvariantCulture, $"function {function}");

    /// <summary>The same, or an export's name before the number.</summary>
    public string FindOrExport(uint function) =>
        _names.ContainsKey(function) ? Find(function) : _exports.GetValueOrDefault(function) ?? Find(function);

    /// <summary>Takes the names out of the export section.</summary>
    public void ReadExports(ref WasmCursor section)
    {
        for (var remaining = section.Count("export"); remaining > 0; remaining--)
        {
            var name = section.Name("export name");
            var kind = section.Byte("export kind");
            var index = section.U32("export index");
            if (kind == (byte)ExternKind.Func) _exports.TryAdd(index, name);
        }
    }

    /// <summary>Takes the names out of a custom section, if it is theirs; what is malformed in it is nobody's error.</summary>
    /// <param name="section">After the section's own name.</param>
    public void ReadNames(ref WasmCursor section)
    {
        try
        {
            while (!section.AtEnd)
            {
                var id = section.Byte("name subsection id");
                var subsection = section.Slice(section.U32("name subsection size"), "name subsection");
                if (id != 1) continue;
                for (var remaining = subsection.Count("function name"); remaining > 0; remaining--)
                {
                    var index = subsection.U32("function index");
                    _names[index] = subsection.Name("function name");
                }
            }
        }
        catch (WasmFormatException)
        {
            // As engines do.
        }
    }
}
