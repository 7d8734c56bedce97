using System.Text;
using Conformance.Wasm;

namespace Conformance.UnitTests.Wasm;

/// <summary>What people hand over instead of a module is told by what it is.</summary>
[TestFixture]
public sealed class ModuleFormsTests
{
    [TestCase("", "an empty file")]
    [TestCase("(module)", "WebAssembly's text format")]
    [TestCase("\ufeff ;; text\n(module)", "WebAssembly's text format")]
    [TestCase("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS")]
    [TestCase("<!DOCTYPE html><html>", "a page of HTML")]
    [TestCase("AGFzbQEAAAA=", "a module in base64")]
    [TestCase("{\"a\":1}", "JSON")]
    [TestCase("hello\nyou", "text, and no module: it begins with \"hello\"")]
    [TestCase("PK\u0003\u0004", "a zip archive")]
    [TestCase("\u007fELF", "a program of Linux")]
    [TestCase("\0asm", "cut off after 4 bytes")]
    [TestCase("\0asm\u000d\0\u0001\0", "a component")]
    [TestCase("\0asm\u000d\0\0\0", "a damaged module: unknown binary version 13")]
    [TestCase("\0asm\u0001\0\0\0\u0001\u0005\u0001", "cut off at byte 11")]
    [TestCase("\ufeff\0asm\u0001\0\0\0", "a module after a byte order mark")]
    public void It_is_named(string text, string words) =>
        Assert.That(ModuleForms.WhatItIs(Encoding.UTF8.GetBytes(text)), Does.StartWith(words));

    [Test]
    public void What_is_nothing_known_is_told_by_its_bytes() =>
        Assert.That(ModuleForms.WhatItIs([0xde, 0xad, 0xbe, 0xef]), Does.StartWith("no module: it begins with deadbeef"));

    [TestCase("plain", "plain")]
    [TestCase("with space", "with space")]
    [TestCase("a\nb", "\"a\\nb\"")]
    [TestCase("a\u001b[31m", "\"a\\u{1b}[31m\"")]
    [TestCase("a\u202eb", "\"a\\u{202e}b\"")]
    [TestCase("a::b", "\"a::b\"")]
    [TestCase("say \"x\"", "\"say \\\"x\\\"\"")]
    [TestCase("", "\"\"")]
    [TestCase("\ud83e\udd8a", "\ud83e\udd8a")]
    public void A_name_is_quoted_where_it_could_be_mistaken(string name, string shown) =>
        Assert.That(TextName.Plain(name), Is.EqualTo(shown));
}
