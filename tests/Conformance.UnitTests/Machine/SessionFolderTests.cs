using Conformance.Machine;

namespace Conformance.UnitTests.Machine;

/// <summary>The folder of all that lives no longer than this process.</summary>
[TestFixture]
public sealed class SessionFolderTests
{
    /// <summary>Control groups are named after it: two sessions with groups of one name would end each other's workers.</summary>
    [Test]
    public void It_has_a_name_of_its_own()
    {
        Assert.That(Path.GetFileName(SessionFolder.Path), Does.StartWith(SessionFolder.Prefix));
        Assert.That(SessionFolder.Create("use").Parent!.FullName, Is.EqualTo(SessionFolder.Path));
    }
}
