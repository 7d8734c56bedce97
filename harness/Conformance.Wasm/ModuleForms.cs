using System.Text;

namespace Conformance.Wasm;

/// <summary>What people hand over instead of a module, by how it begins.</summary>
public static class ModuleForms
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether bytes begin as gzip does.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]);

    /// <summary>Whether bytes begin as a module or a component does.</summary>
    public static bool IsWasm(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\0asm"u8);

    /// <summary>Whether bytes are WebAssembly's text format, by what they begin with.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var text = WithoutMark(bytes).TrimStart(" \t\r\n"u8);
        return text.StartsWith("(module"u8) || text.StartsWith("(component"u8) || text.StartsWith(";;"u8) || text.StartsWith("(;"u8);
    }

    /// <summary>Why bytes are no module that could be read, and what to do, in one sentence.</summary>
    public static string WhatItIs(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "an empty file, and no module";
        if (IsWasm(bytes)) return Unread(bytes.ToArray());
        if (IsWasm(WithoutMark(bytes))) return "a module after a byte order mark: somebody saved it as text; take the file as it was";
        if (IsText(bytes)) return "WebAssembly's text format, and no module: make one of it (wat2wasm FILE, or wasm-tools parse FILE -o FILE)";
        if (IsGzip(bytes)) return "compressed by gzip, and damaged";
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F'])) return "a program of Linux (ELF), and no module";
        if (bytes.StartsWith("MZ"u8)) return "a program of Windows, and no module";
        if (bytes.StartsWith("PK\x03\x04"u8)) return "a zip archive: unpack it";
        var text = Beginning(bytes)?.TrimStart();
        if (text is null) return $"no module: it begins with {Convert.ToHexStringLower(bytes[..Math.Min(8, bytes.Length)])}, and a module with 0061736d";
        return text.StartsWith("version https://git-lfs", StringComparison.Ordinal) ? "a pointer of Git LFS, and not the file: git lfs pull"
            : text.StartsWith("AGFzb", StringComparison.Ordinal) ? "a module in base64: decode it (base64 -d)"
            : text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
                ? "a page of HTML: perhaps what a server answered instead of the file"
            : text.StartsWith('{') || text.StartsWith('[') ? "JSON, and no module"
            : $"text, and no module: it begins with {TextName.Quoted(text.Split('\n')[0] is var line && line.Length > 40 ? line[..40] : text.Split('\n')[0])}";
    }

    private static string Unread(byte[] bytes)
    {
        try
        {
            WasmInterfaceReader.Read(bytes);
            return "a module";
        }
        catch (WasmFormatException e)
        {
            return bytes.Length >= 8 && bytes[4] == 0x0d && bytes[6] == 1
                ? "a component, and not a core module: runtimes here take core modules (wasm-tools component unbundle takes them out)"
                : bytes.Length < 8 ? $"cut off after {bytes.Length} bytes: a module begins with 8"
                : e.Problem.StartsWith("unexpected end", StringComparison.Ordinal) ? $"cut off at byte {bytes.Length}: {e.Problem}"
                : $"a damaged module: {e.Message}";
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? bytes[3..] : bytes;

    /// <summary>The first characters; null where they are no text.</summary>
    private static string? Beginning(ReadOnlySpan<byte> bytes)
    {
        var part = bytes[..Math.Min(200, bytes.Length)];
        // A character may be cut in two.
        for (var cut = 0; cut < 4 && cut < part.Length; cut++)
        {
            try
            {
                var text = Strict.GetString(part[..^cut]);
                return text.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')) ? null : text;
            }
            catch (DecoderFallbackException)
            {
                if (part.Length < 200) return null;
            }
        }

        return null;
    }
}
