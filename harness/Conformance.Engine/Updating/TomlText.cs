using System.Collections.Immutable;
using System.Globalization;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Tomlyn.Syntax;

namespace Conformance.Engine.Updating;

/// <summary>What manifests say, as TOML.</summary>
/// <seealso href="https://toml.io/en/v1.0.0#string"/>
internal static class TomlText
{
    /// <summary>A basic string.</summary>
    public static string Write(string text) => new StringValueSyntax(text).ToString();

    public static string Write(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>One number for three accounts that agree, or a table of those that there are.</summary>
    public static string Write(Counts counts)
    {
        if (counts.Guest is { } all && counts.Host == all && counts.Server == all) return all.ToString(CultureInfo.InvariantCulture);
        var accounts = new (string Name, long? Count)[] { ("guest", counts.Guest), ("host", counts.Host), ("server", counts.Server) };
        return $"{{ {string.Join(", ", accounts.Where(account => account.Count is not null).Select(account => string.Create(CultureInfo.InvariantCulture, $"{account.Name} = {account.Count}")))} }}";
    }

    public static string Write(ExpectedFailure failure) =>
        $"{{ phase = {Write(failure.Phase)}{(failure.Code is { } code ? $", code = {Write(code)}" : "")}{(failure.Import is { } import ? $", import = {Write(import)}" : "")} }}";

    public static string Write(Phase phase) => Write(phase.Word());

    /// <summary>Groups of runtimes by id.</summary>
    public static string Write(ImmutableArray<ImmutableArray<string>> groups) =>
        $"[{string.Join(", ", groups.Select(group => $"[{string.Join(", ", group.Select(Write))}]"))}]";
}
