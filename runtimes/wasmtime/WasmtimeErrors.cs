using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Runtimes.Hosting;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Wasmtime's words by the normalised codes.</summary>
internal static partial class WasmtimeErrors
{
    private const string TrapWords = "wasm trap: ";

    private static readonly ErrorTable Errors = new(
        ("unknown import", OutcomeCodes.UnknownImport),
        ("expected (func|global|memory|table|tag), but found", OutcomeCodes.IncompatibleKind),
        (@"expected (memory|table) limits \(", OutcomeCodes.IncompatibleLimits),
        ("incompatible import type|types incompatible", OutcomeCodes.IncompatibleType),
        ("(?<feature>shared memory) support is disabled", OutcomeCodes.UnsupportedFeature),
        ("thrown Wasm exception", OutcomeCodes.UncaughtException),
        (@"In func wasi_\w+::|Pointer (overflow|out of bounds|not aligned)|Invalid (flag|enum) value", OutcomeCodes.WasiFault),
        ("exceeds memory limits", OutcomeCodes.ResourceExhausted),
        ("exit with invalid exit status", OutcomeCodes.InvalidExit),
        ("missing required memory export", OutcomeCodes.NoMemory));

    /// <summary>What an exception of its library means; null where it is none.</summary>
    public static Ending? Explain(Exception e, Phase phase) => e switch
    {
        WasmtimeException { ExitCode: { } exit } => new Ending(null, null, exit),
        WasmtimeException when e.Message.IndexOf(TrapWords, StringComparison.Ordinal) is >= 0 and var at =>
            Trapped(e.Message, e.Message[(at + TrapWords.Length)..]),
        TrapException => new Ending(Errors.CodeOf(e.Message), e.Message) { IsExecution = true },
        WasmtimeException => new Ending((phase == Phase.Compile ? ErrorTable.Validation : Errors).CodeOf(e.Message), e.Message),
        _ => null,
    };

    /// <summary>Its traps have the names of the specification's tests. Those of segments have no frame.</summary>
    private static Ending Trapped(string text, string words)
    {
        var trap = Trap.Named(words);
        long? offset = InnermostFrame().Match(text) is { Success: true } frame
            ? Convert.ToInt64(frame.Groups["offset"].Value, 16) : null;
        if (trap == Trap.UndefinedElement && offset is null) trap = Trap.TableOutOfBounds;
        return new Ending(trap?.Code ?? OutcomeCodes.Unmapped, text) { IsExecution = true, Offset = offset };
    }

    [GeneratedRegex(@"^\s*0:\s+0x(?<offset>[0-9a-f]+) - ", RegexOptions.Multiline)]
    private static partial Regex InnermostFrame();
}
