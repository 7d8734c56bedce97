using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Installing;
using Conformance.Engine.Planning;
using Conformance.History;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Merging;

namespace Conformance.Cli;

/// <summary>Where every command ends: errors become one clear line each and an exit code, in this one place.</summary>
internal static class CommandExit
{
    /// <summary>As shells have it for a program that SIGINT ended.</summary>
    private const int Interrupted = 130;

    /// <summary>How long a cancelled run may take to end its workers and its container before the process ends anyway.</summary>
    private static readonly TimeSpan TerminationLimit = TimeSpan.FromSeconds(5);

    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        // Before anything is opened: with too few files, even the console's own error would be an exception.
        if (MachineFault.FindFileLimit() is { } limit)
        {
            MachineFault.Print($"conformance: {limit}");
            return (int)ExitCode.Environment;
        }

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Print(error.Message);
            Print($"see conformance {string.Join(' ', parsed.CommandResult.Command == root ? [] : new[] { parsed.CommandResult.Command.Name, "" })}--help");
            return (int)ExitCode.WrongUsage;
        }

        var command = parsed.CommandResult.Command.Name;
        // What a thread of its own could not do ends the process, whoever waits.
        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
        {
            if (e.ExceptionObject is Exception error) Environment.Exit((int)CrashFile.Tell(error, command));
        };
        try
        {
            SearchPath.AddInstalled(Installation.Find().ReadTools());
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TerminationLimit,
            });
        }
        catch (OperationCanceledException)
        {
            Print(command is "run" or "nightly"
                ? "stopped; the report holds what was observed until then, without a footer" : "stopped");
            return Interrupted;
        }
        catch (ManifestException e)
        {
            foreach (var problem in e.Problems) Console.Error.WriteLine(problem);
            return (int)ExitCode.WrongUsage;
        }
        catch (Exception e) when (e is ReportFormatException
            or IncomparableReportsException or UnfitPartsException or HistoryException { InnerException: null })
        {
            Print(e.Message);
            return (int)ExitCode.WrongUsage;
        }
        catch (CommandException e)
        {
            Print(e.Message);
            return (int)e.Exit;
        }
        catch (ConformanceException e)
        {
            Print(EngineErrors.Message(e));
            return (int)EngineErrors.Exit(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HistoryException)
        {
            Print(e.Message);
            return (int)ExitCode.Environment;
        }
        catch (Exception e)
        {
            return (int)CrashFile.Tell(e, command);
        }
    }

    private static void Print(string message) => Console.Error.WriteLine($"conformance: {message.ReplaceLineEndings(" ")}");
}
