using System.Reflection;
using PublicApiGenerator;

namespace Conformance.UnitTests.PublicApi;

/// <summary>What somebody else's code compiles against: a change of it is seen in the approved text, and so in the review.</summary>
[TestFixture]
public sealed class PublicApiTests
{
    [TestCase("Conformance.NUnit")]
    [TestCase("Conformance.Wasmer")]
    [TestCase("Conformance.Runtimes.Hosting")]
    [TestCase("Conformance.Protocol")]
    public void A_packages_public_types_are_the_approved_ones(string assembly) =>
        Approved.Match(Assembly.Load(assembly).GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }), assembly);
}
