namespace Conformance.Engine.Planning;

/// <summary>The checkout that a program of this repository was built from, and its folders.</summary>
/// <param name="Root">The folder of <c>Conformance.sln</c>.</param>
public sealed record Checkout(string Root)
{
    public string Modules => Path.Combine(Root, "modules");

    public string Runtimes => Path.Combine(Root, "runtimes");

    /// <summary>Looks upwards from the running program.</summary>
    /// <exception cref="ConformanceException">It does not stand in a checkout.</exception>
    public static Checkout Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Conformance.sln"))) return new Checkout(folder.FullName);
        }

        throw new ConformanceException(ExitCode.Environment, $"no Conformance.sln above {AppContext.BaseDirectory}: run the command from the checkout it was built in");
    }
}
