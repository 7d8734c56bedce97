using System.Runtime.InteropServices;

namespace Conformance.Machine;

/// <summary>The end of processes that are nobody's children here, so that .NET has no object for them. Not on Windows.</summary>
public static partial class Killing
{
    /// <summary><c>SIGKILL</c>.</summary>
    private const int Signal = 9;

    /// <summary>For processes that are being ended to be gone, with those that they were just starting: ticks of the kernel.</summary>
    private const int Rounds = 100;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(10);

    /// <summary>Ends a process, or all of a group.</summary>
    /// <param name="id">A process's number, or a group's with a minus.</param>
    /// <returns>Whether there was one.</returns>
    public static bool Kill(int id) => Send(id, Signal) == 0;

    /// <summary>Ends what is found until nothing is, for a second at the most.</summary>
    /// <param name="killFound">Kills what it finds; whether there was anything.</param>
    internal static void UntilNone(Func<bool> killFound)
    {
        for (var round = 0; round < Rounds && killFound(); round++) Thread.Sleep(Round);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int id, int signal);
}
