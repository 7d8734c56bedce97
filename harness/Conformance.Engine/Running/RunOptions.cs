using Conformance.Engine.Installing;
using Conformance.Model;

namespace Conformance.Engine.Running;

/// <summary>How cells are run.</summary>
public sealed record RunOptions
{
    /// <summary>Cells at once.</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>For a cell whose scenario has no limit of its own.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What a guest's memories may grow to, in bytes.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>What is kept of a guest's stdout, and of its stderr, in bytes.</summary>
    public int OutputBytes { get; init; } = 1 << 20;

    /// <summary>True: the first unexpected verdict ends the run.</summary>
    public bool FailFast { get; init; }

    /// <summary>How often every cell is run, at least.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>How often a cell with an unexpected verdict is run besides, to see whether it is always so.</summary>
    public int RetryUnexpected { get; init; }

    /// <summary>The seed to shuffle the cells' order by; null keeps the plan's.</summary>
    public int? Shuffle { get; init; }

    /// <summary>Where compiled modules, their sizes, and what runtimes said of imports may be kept; null is nowhere.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Keeps workers from one run to the next; null: they are ended with the run.</summary>
    public WorkerPool? Workers { get; init; }

    /// <summary>True: each runtime is asked, for the report, which functions of WASI it provides.</summary>
    public bool DrawAtlas { get; init; }

    /// <summary>True: modules whose size is not known yet are measured for the report, which takes a minute for ten megabytes.</summary>
    public bool MeasureSizes { get; init; }

    /// <summary>Where the report is kept, and with it the files of cells, such as pictures of pages; null is nowhere.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>Brings runtimes that are not there, and what they need, while the others run; null installs nothing.</summary>
    public Installer? Setup { get; init; }

    /// <summary>Runtimes whose absence is an error.</summary>
    public IReadOnlySet<string> Required { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>What declarations with a last day are held against, and when the run began.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The command that runs a cell alone, against a server of a variant's name: for the report.</summary>
    public Func<CellId, string, string> Repro { get; init; } = (cell, _) => cell.ToString();
}
