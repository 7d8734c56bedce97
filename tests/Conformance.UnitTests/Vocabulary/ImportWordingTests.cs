using Conformance.Model.Observations;
using Conformance.Reporting.Wording;
using Conformance.Wasm;

namespace Conformance.UnitTests.Vocabulary;

/// <summary>How a runtime stands to an import, in all views by the same rule.</summary>
[TestFixture]
public sealed class ImportWordingTests
{
    [TestCase(Provider.Host, null, null, null, ImportState.Provided, null, "host", "yes")]
    [TestCase(Provider.Wasi, OutcomeCodes.Unchecked, null, null, ImportState.Unchecked, null, "wasi, unchecked", "yes, unchecked")]
    [TestCase(Provider.Missing, OutcomeCodes.UnknownImport,
        null, "no such import", ImportState.Missing, OutcomeCodes.UnknownImport, "unknown-import", "no")]
    // WAMR links what nobody has, and what does not fit, and warns.
    [TestCase(Provider.Missing, OutcomeCodes.Unchecked, null,
        "failed to link import function", ImportState.Missing, OutcomeCodes.UnknownImport, "missing, and links", "missing, and links")]
    [TestCase(Provider.Mismatch, OutcomeCodes.Unchecked, "() -> ()",
        "signature mismatch", ImportState.Misfit, OutcomeCodes.IncompatibleType, "as () -> (), and links", "as () -> (), and links")]
    // Lucet does so without a word: it looks at no type.
    [TestCase(Provider.Mismatch, OutcomeCodes.Unchecked,
        "() -> ()", null, ImportState.Unchecked, null, "mismatch, unchecked", "yes, unchecked")]
    [TestCase(Provider.Mismatch, OutcomeCodes.IncompatibleType,
        "() -> ()", "types differ", ImportState.Misfit, OutcomeCodes.IncompatibleType, "incompatible-type: () -> ()", "as () -> ()")]
    [TestCase(Provider.Wasi, OutcomeCodes.UnsupportedFeature,
        null, "threads are off", ImportState.Refused, OutcomeCodes.UnsupportedFeature, "unsupported-feature", "no")]
    public void Each_state_has_its_words(Provider provider,
        string? code, string? found, string? text, ImportState state, string? refusal, string verdict, string presence)
    {
        var row = new LedgerRow
        {
            Module = "env",
            Name = "f",
            Kind = ExternKind.Func,
            Type = "() -> (i32)",
            Provider = provider,
            Code = code,
            Found = found,
            Text = text,
        };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(row.State, Is.EqualTo(state));
            Assert.That(row.IsFulfilled, Is.EqualTo(refusal is null));
            Assert.That(row.Refusal, Is.EqualTo(refusal));
            Assert.That(ImportWording.Verdict(row), Is.EqualTo(verdict));
            Assert.That(ImportWording.Presence(row), Is.EqualTo(presence));
        }
    }
}
