using Conformance.Model.Observations;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// Engines have one name for what the specification's tests have two: a call through an index that the table has not
/// (<see cref="Trap.UndefinedElement"/>), and any other use of it (<see cref="Trap.TableOutOfBounds"/>). The instruction tells.
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/instructions.html"/>
public static class TableTraps
{
    private const byte CallIndirect = 0x11;
    private const byte ReturnCallIndirect = 0x13;

    /// <summary>The code of a trap, by its instruction where it is one of these.</summary>
    /// <param name="code">By the engine's words.</param>
    /// <param name="module">Its bytes.</param>
    /// <param name="offset">Of the instruction.</param>
    public static string? Refine(string? code, byte[] module, long offset)
    {
        if (code != Trap.UndefinedElement.Code && code != Trap.TableOutOfBounds.Code) return code;
        if (offset < 0 || offset >= module.Length) return code;
        return (module[offset] is CallIndirect or ReturnCallIndirect ? Trap.UndefinedElement : Trap.TableOutOfBounds).Code;
    }
}
