using System.Collections.Immutable;
using System.Globalization;

namespace Conformance.Wasmer;

/// <summary>Wasmer refused something; the message is its own words.</summary>
public class WasmerException : Exception
{
    /// <param name="message">Wasmer's words.</param>
    /// <param name="inner">What a host function threw, where that is the reason.</param>
    public WasmerException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>A module can't be instantiated: an import is missing, or is of another type or kind. The message names it.</summary>
public sealed class LinkException : WasmerException
{
    /// <param name="message">Wasmer's words.</param>
    public LinkException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// A guest's execution ended before its function returned: by a trap, by an exception of a host function
/// (<see cref="Exception.InnerException"/>), or by WASI's <c>proc_exit</c> (<see cref="ExitCode"/>).
/// </summary>
public sealed class TrapException : WasmerException
{
    private const string ExitWords = "WASI exited with code: ExitCode::";

    internal TrapException(string message, ImmutableArray<TrapFrame> frames, Exception? inner)
        : base(message, inner)
    {
        Frames = frames;
        if (!message.StartsWith(ExitWords, StringComparison.Ordinal)) return;
        if (int.TryParse(message.AsSpan(ExitWords.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code))
            ExitCode = code;
    }

    /// <summary>What <c>proc_exit</c> was called with, 0 too; null where the guest did not end that way.</summary>
    public int? ExitCode { get; }

    /// <summary>Where it happened, the innermost first; a stack overflow has none.</summary>
    public ImmutableArray<TrapFrame> Frames { get; }
}

/// <summary>A frame of a trap.</summary>
/// <param name="FunctionIndex">The function's index in its module.</param>
/// <param name="ModuleOffset">The offset of the instruction in the module's bytes.</param>
public readonly record struct TrapFrame(uint FunctionIndex, long ModuleOffset);
