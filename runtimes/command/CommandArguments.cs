using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Conformance.Model.Modules;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Runtimes.Command;

/// <summary>What a command is given for one run.</summary>
/// <param name="Module">The file.</param>
/// <param name="Args">Arguments after the program's name.</param>
/// <param name="Env">The guest's whole environment.</param>
/// <param name="Preopens">The guest's folders.</param>
/// <param name="Entry">The exported function to call; null is <c>_start</c>, which is called without being named.</param>
/// <param name="Stdin">A file; null is an empty one, or the command's own stdin.</param>
/// <param name="Argv0">The guest's first argument, where it is not the module's file name.</param>
/// <param name="Words">A file for the command's own words.</param>
/// <param name="CacheKey">What tells the module from others, for what the command compiles of it; null keeps nothing.</param>
internal sealed record CommandRun(
    string Module, ImmutableArray<string> Args, ImmutableSortedDictionary<string, string> Env,
        ImmutableArray<Preopen> Preopens, string? Entry = null, string? Stdin = null, string? Words = null, string? Argv0 = null,
        string? CacheKey = null)
{
    /// <summary>Only to see what becomes of a module.</summary>
    public static CommandRun Plain(string module) =>
        new(module, [], ImmutableSortedDictionary<string, string>.Empty, []);

    /// <summary>A cell's.</summary>
    /// <param name="request">The cell.</param>
    /// <param name="module">Its module, or what was composed of it.</param>
    /// <param name="cacheKey">What tells that from others.</param>
    public static CommandRun ForCell(RunParams request, string module, string cacheKey) =>
        new(module, request.Args, request.Env, request.Preopens) { Argv0 = request.Argv0, CacheKey = cacheKey };
}

/// <summary>Fills in the templates of a <see cref="CommandDescription"/>.</summary>
internal static partial class CommandArguments
{
    /// <param name="description">The templates.</param>
    /// <param name="here">The manifest's folder.</param>
    /// <param name="cacheFolder">For what the command compiled; null is nowhere.</param>
    /// <param name="run">What to run.</param>
    public static ImmutableArray<string> Create(CommandDescription description, string here, string? cacheFolder, CommandRun run) =>
    [
        .. description.Run.SelectMany(item => item switch
        {
            "{cache}" => cacheFolder is null ? [] : Fill(description.Cache, here, ("folder", cacheFolder)),
            "{env}" => run.Env.SelectMany(variable => Fill(description.Env, here, ("name", variable.Key), ("value", variable.Value))),
            "{preopens}" => run.Preopens.SelectMany(preopen => Fill(preopen.ReadOnly ? description.ReadOnlyPreopen : description.Preopen,
                here, ("path", preopen.GuestPath), ("folder", preopen.Folder))),
            "{argv0}" => run.Argv0 is null ? [] : Fill(description.Argv0, here, ("name", run.Argv0)),
            "{entry}" => run.Entry is null ? [] : Fill(description.Entry, here, ("entry", run.Entry)),
            "{stdin}" => run.Stdin is null ? [] : Fill(description.Stdin, here, ("file", run.Stdin)),
            "{words}" => run.Words is null ? [] : Fill(description.OwnWords, here, ("file", run.Words)),
            "{args}" => run.Args,
            _ => Fill([item], here, ("module", run.Module)),
        }),
    ];

    /// <summary>Templates with their places filled in; what is filled in is not looked at again.</summary>
    public static IEnumerable<string> Fill(ImmutableArray<string> templates, string here, params (string Place, string Text)[] given) =>
        templates.Select(template => Place().Replace(template,
            match => match.Groups[1].Value is var place && place == "here" ? here : given.First(its => its.Place == place).Text));

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Place();
}
