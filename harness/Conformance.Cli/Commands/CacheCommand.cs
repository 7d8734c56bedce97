using System.CommandLine;
using System.Globalization;
using Conformance.Machine;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance cache</c>: what is kept between runs, whether it is whole, and its end.</summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        var command = new Command("cache", "Show, check or clear what is kept between runs: compiled and composed modules, sizes.")
        {
            Show(), Check(), Clear(),
        };
        command.SetAction(_ => ShowAll());
        return command;
    }

    private static Command Show()
    {
        var command = new Command("show", "What is kept, and how much room it takes (as without a word).");
        command.SetAction(_ => ShowAll());
        return command;
    }

    private static int ShowAll()
    {
        var entries = CacheInventory.Read(ConformanceHome.Cache);
        foreach (var kind in entries.GroupBy(entry => entry.Kind))
            Console.WriteLine($"{Mebibytes(kind.Sum(entry => entry.Bytes)),10}  {kind.Count(),5} {(kind.Count() == 1 ? "entry  " : "entries")}  {kind.Key}");
        Console.WriteLine(
            $"{Mebibytes(entries.Sum(entry => entry.Bytes)),10}  of at most {Mebibytes(ConformanceHome.CacheLimit)}, in {ConformanceHome.Cache}");
        return (int)ExitCode.AsExpected;
    }

    private static Command Check()
    {
        var command = new Command("check", "Look at each entry, and remove those that are damaged: they are made anew when they are needed.");
        command.SetAction((_, cancellation) =>
        {
            var entries = CacheInventory.Read(ConformanceHome.Cache);
            var damaged = entries.AsParallel().WithCancellation(cancellation).Where(entry => !CacheInventory.IsWhole(entry)).ToList();
            foreach (var entry in damaged)
            {
                CacheInventory.Remove(entry);
                Console.WriteLine($"removed: {entry.Path}");
            }

            Console.WriteLine($"{entries.Count - damaged.Count} of {entries.Count} entries are whole");
            return Task.FromResult((int)ExitCode.AsExpected);
        });
        return command;
    }

    private static Command Clear()
    {
        var command = new Command("clear", "Remove all that is kept: the next run makes anew what it needs.");
        command.SetAction(_ =>
        {
            var entries = CacheInventory.Read(ConformanceHome.Cache);
            foreach (var entry in entries) CacheInventory.Remove(entry);
            Console.WriteLine($"{entries.Count} entries removed, {Mebibytes(entries.Sum(entry => entry.Bytes))}");
            return (int)ExitCode.AsExpected;
        });
        return command;
    }

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB");
}
