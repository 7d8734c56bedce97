using System.Text;
using Blake3;

namespace Conformance.CounterServer;

/// <summary>
/// What a counter belongs to: its path is made of the key's hash, so that a guest, which is told the path, finds no other counter, and
/// can't reset its own.
/// </summary>
/// <param name="Value">128 random bits in hexadecimal digits.</param>
public sealed record CounterKey(string Value)
{
    /// <summary>The header of a request that needs the key.</summary>
    public const string Header = "Conformance-Key";

    private const int PrefixBytes = 16;

    /// <summary>The counter's path, beginning with <c>/</c>: 128 bits in hexadecimal digits.</summary>
    // By BLAKE3, whose code is managed: .NET's own hashes need OpenSSL, which the server's image has not got.
    public string Prefix { get; } = "/" + Convert.ToHexStringLower(Hasher.Hash(Encoding.UTF8.GetBytes(Value)).AsSpan()[..PrefixBytes]);
}
