using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Wasm;

namespace Conformance.Model.Runtimes;

/// <summary>
/// How a runtime that is a command is asked to run a module: the table <c>command</c> of its <c>runtime.toml</c>. Arguments are templates:
/// <c>{here}</c> is the manifest's folder, and each has the places that are named with it.
/// </summary>
public sealed record CommandDescription
{
    /// <summary>A program on PATH, or a path from the manifest's folder, beginning with <c>./</c>.</summary>
    public required string Program { get; init; }

    /// <summary>The arguments that make it tell its version.</summary>
    public required ImmutableArray<string> Version { get; init; }

    /// <summary>What finds the version in what it then prints: the group <c>version</c>, or the whole match.</summary>
    public required Regex VersionPattern { get; init; }

    /// <summary>What executes wasm in it.</summary>
    public required string Engine { get; init; }

    /// <summary>
    /// The arguments of a run. Items <c>{cache}</c>, <c>{env}</c>, <c>{preopens}</c>, <c>{entry}</c>, <c>{stdin}</c>, <c>{words}</c>,
    /// <c>{argv0}</c> and <c>{args}</c> stand for any number of arguments; <c>{module}</c> is the file, anywhere.
    /// </summary>
    public required ImmutableArray<string> Run { get; init; }

    /// <summary>
    /// The arguments that name a folder for what it compiled: <c>{folder}</c>. Empty where it keeps nothing, or is not told where.
    /// </summary>
    public ImmutableArray<string> Cache { get; init; } = [];

    /// <summary>The arguments for each variable of the guest's environment: <c>{name}</c>, <c>{value}</c>.</summary>
    public ImmutableArray<string> Env { get; init; } = [];

    /// <summary>The arguments for each folder that the guest is given: <c>{folder}</c>, and <c>{path}</c> as the guest has it.</summary>
    public ImmutableArray<string> Preopen { get; init; } = [];

    /// <summary>The same for a folder in which the guest may change nothing; empty where it has no such folders.</summary>
    public ImmutableArray<string> ReadOnlyPreopen { get; init; } = [];

    /// <summary>The arguments that say what the guest's first argument is: <c>{name}</c>. Empty where it can't be told.</summary>
    public ImmutableArray<string> Argv0 { get; init; } = [];

    /// <summary>
    /// The arguments that name the exported function to call: <c>{entry}</c>. Empty where it calls <c>_start</c> only; others are then
    /// called by a <c>_start</c> that is composed with the guest.
    /// </summary>
    public ImmutableArray<string> Entry { get; init; } = [];

    /// <summary>
    /// The arguments that name a file for the guest's stdin: <c>{file}</c>. Empty where the command's own stdin is the guest's.
    /// </summary>
    public ImmutableArray<string> Stdin { get; init; } = [];

    /// <summary>
    /// The arguments that name a file for the command's own words, <c>{file}</c>: then nothing that a guest prints is taken for them.
    /// Empty where it prints them to stderr or stdout, as guests do.
    /// </summary>
    public ImmutableArray<string> OwnWords { get; init; } = [];

    /// <summary>
    /// The arguments that make it run every module of a file with a path in each line, <c>{list}</c>, in one process, as if it was given
    /// nothing else, and print a line of JSON for each: <c>{"exit": 1, "words": "…"}</c>. They do nothing; many imports are asked about so.
    /// Empty where a process runs one module.
    /// </summary>
    public ImmutableArray<string> Each { get; init; } = [];

    /// <summary>
    /// What finds what the function of <see cref="Entry"/> returned, the group <c>result</c>: in the file of <see cref="OwnWords"/>, or at
    /// the end of its stdout, once for each value. Null where it does not tell.
    /// </summary>
    public Regex? Result { get; init; }

    /// <summary>
    /// What its words mean, where its exit code is not 0: the first that is found in the file of <see cref="OwnWords"/>, or in its stderr
    /// and then in its stdout.
    /// </summary>
    public ImmutableArray<CommandOutcome> Outcomes { get; init; } = [];

    /// <summary>Where in the manifest a key stands that is there, <c>file:line</c>.</summary>
    public required ImmutableSortedDictionary<string, string> Locations { get; init; }
}

/// <summary>Words of a command, and what they mean.</summary>
/// <param name="Words">
/// A pattern that is searched for. The lines that it is found in are told as the runtime's words, or its group <c>text</c>. A group
/// <c>offset</c> is where the instruction of a trap stands in the module, in hexadecimal digits.
/// </param>
/// <param name="Phase">Where the cell failed.</param>
/// <param name="Code">
/// How: a code, or one that the pattern has a group for, <see cref="OfTrap"/>, <see cref="OfProposal"/> or <see cref="Told"/>.
/// </param>
public sealed record CommandOutcome(Regex Words, Phase Phase, string Code)
{
    /// <summary>The code of the trap that is named in the group.</summary>
    public const string OfTrap = "trap:{trap}";

    /// <summary>The code of the proposal that is named in the group.</summary>
    public const string OfProposal = "unsupported-feature {feature}";

    /// <summary>The group is the code.</summary>
    public const string Told = "{code}";

    /// <summary>How a cell failed whose words are these.</summary>
    public Outcome ToOutcome(Match match) => Outcome.Failure(Phase, Code switch
    {
        OfTrap => Trap.Named(match.Groups["trap"].Value)?.Code ?? OutcomeCodes.Unmapped,
        OfProposal => OutcomeCodes.Unsupported(Proposals.Named(match.Groups["feature"].Value)),
        Told => OutcomeCodes.IsCode(match.Groups["code"].Value) ? match.Groups["code"].Value : OutcomeCodes.Unmapped,
        _ => Code,
    });
}
