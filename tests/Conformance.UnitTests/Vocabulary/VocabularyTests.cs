using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.UnitTests.Vocabulary;

/// <summary>Words that programs compare have one home, whatever language writes them.</summary>
[TestFixture]
public sealed partial class VocabularyTests
{
    private static string JavaScript => Path.Combine(Repository.Runtimes, "javascript", "shared", "vocabulary.js");

    /// <summary>To write it anew after a change of the words: CONFORMANCE_NEW_SNAPSHOTS=1 dotnet test.</summary>
    [Test]
    public void JavaScript_has_the_models_words()
    {
        var text = new StringBuilder(
            "// The words of phases, outcomes and traps. Generated from Conformance.Model by the test VocabularyTests, which also finds out\n"
            + "// when they are not the same any more.\n");
        Add(text, "Phase", Enum.GetValues<Phase>().Select(phase => (phase.Word(), phase.Word())));
        Add(text, "Code", Constants(typeof(OutcomeCodes)));
        Add(text, "Trap", DeclaredTraps().Select(trap => (trap.Name, trap.Trap.Code)));
        text.Append("\n/** The names that engines have for proposals, with hyphens for spaces, and the proposals' own. */\n"
            + "export const Proposal = Object.freeze({\n");
        foreach (var (name, proposal) in Proposals.ByName) text.Append($"  \"{name}\": \"{proposal}\",\n");
        text.Append("});\n\n/** Opcodes that proposals brought: the first and the last, with the first of two parts above sixteen bits. */\n"
            + "export const OPCODES = Object.freeze([\n");
        foreach (var (first, last, proposal) in Proposals.Opcodes) text.Append($"  [0x{first:x2}, 0x{last:x2}, \"{proposal}\"],\n");
        text.Append("]);\n");
        if (Environment.GetEnvironmentVariable("CONFORMANCE_NEW_SNAPSHOTS") == "1") File.WriteAllText(JavaScript, text.ToString());
        Assert.That(File.ReadAllText(JavaScript), Is.EqualTo(text.ToString()));
    }

    [Test]
    public void Every_code_and_every_trap_is_listed()
    {
        Assert.That(OutcomeCodes.All, Is.EquivalentTo(Constants(typeof(OutcomeCodes)).Select(code => code.Value)));
        Assert.That(Trap.All, Is.EquivalentTo(DeclaredTraps().Select(trap => trap.Trap)));
        Assert.That(Verdicts.ByWeight, Is.EquivalentTo(Enum.GetValues<Verdict>()));
        Assert.That(AgreementResults.ByWeight, Is.EquivalentTo(Enum.GetValues<AgreementResult>()));
        Assert.That(ServerVariants.Names, Has.Length.EqualTo(Enum.GetValues<ServerVariant>().Length));
    }

    [Test]
    public void Workers_in_JavaScript_write_no_code_by_hand()
    {
        var sources = Directory.EnumerateFiles(Repository.Runtimes, "*.*js", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".js" or ".mjs" or ".cjs"
                && file != JavaScript && !file.Contains("node_modules", StringComparison.Ordinal)).ToList();
        var byHand = from file in sources
                     from Match text in QuotedText().Matches(File.ReadAllText(file))
                     where OutcomeCodes.IsCode(text.Groups[1].Value)
                     select $"{Path.GetRelativePath(Repository.Runtimes, file)}: {text.Value}";
        Assert.That(sources, Has.Count.GreaterThan(5));
        Assert.That(byHand, Is.Empty);
    }

    [Test]
    public void Runtimes_that_are_commands_have_outcomes_with_codes_that_there_are()
    {
        var manifests = RuntimeManifestReader.ReadAll(Repository.Runtimes);
        var outcomes = manifests.Where(manifest => manifest.Command is not null)
            .SelectMany(manifest => manifest.Command!.Outcomes).ToList();
        Assert.That(outcomes, Has.Count.GreaterThan(40));
        Assert.That(outcomes.Select(outcome => outcome.Code).Where(code => !OutcomeCodes.IsCode(code)
            && code is not (CommandOutcome.OfTrap or CommandOutcome.OfProposal or CommandOutcome.Told)), Is.Empty);
    }

    private static IEnumerable<(string Name, Trap Trap)> DeclaredTraps() =>
        typeof(Trap).GetProperties(BindingFlags.Public | BindingFlags.Static).Where(property => property.PropertyType == typeof(Trap))
            .Select(property => (Camel(property.Name), (Trap)property.GetValue(null)!));

    private static IEnumerable<(string Name, string Value)> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral).Select(field => (Camel(field.Name), (string)field.GetRawConstantValue()!));

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static void Add(StringBuilder text, string name, IEnumerable<(string Name, string Value)> words)
    {
        text.Append($"\nexport const {name} = Object.freeze({{\n");
        foreach (var (key, value) in words) text.Append($"  {key}: \"{value}\",\n");
        text.Append("});\n");
    }

    [GeneratedRegex("""["'`]([^"'`\n]*)["'`]""")]
    private static partial Regex QuotedText();
}
