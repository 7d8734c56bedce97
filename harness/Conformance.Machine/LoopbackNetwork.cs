using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Conformance.Machine;

/// <summary>
/// A network that has nothing but a loopback device, for processes that are to reach servers of this one and nothing else: a network
/// namespace of Linux. There is one for this process, made when it is first asked for; it ends with the last process and socket in it.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man7/network_namespaces.7.html"/>
public static partial class LoopbackNetwork
{
    /// <summary><c>CLONE_NEWNET</c>.</summary>
    private const int NetworkNamespace = 0x40000000;

    /// <summary><c>SIOCGIFFLAGS</c> and <c>SIOCSIFFLAGS</c>.</summary>
    private const nuint GetFlags = 0x8913, SetFlags = 0x8914;

    /// <summary><c>IFF_UP</c>.</summary>
    private const short Up = 1;

    /// <summary>Ports that a connection may be made from: the beginning of the first, where nobody needs a privilege.</summary>
    private const int FirstPort = 1024;

    private const string PortRange = "/proc/sys/net/ipv4/ip_local_port_range";

    private static readonly Lazy<Made> Network = new(Make);

    /// <summary>Why there is none, in words; null where there is.</summary>
    public static string? Absence => Network.Value.Absence;

    /// <summary>
    /// Does something that opens sockets or starts processes: they are in that network for good, or in the machine's where there is none.
    /// </summary>
    /// <param name="action">What to do, in short: on a thread that ends with it, where it may use no other thread, for that would be born
    /// into the same network.</param>
    /// <exception cref="Win32Exception">The system lets nobody in any more.</exception>
    public static T Within<T>(Func<T> action)
    {
        if (Network.Value.Namespace is not { } entrance) return action();
        return OnThread(() =>
        {
            Check(SetNamespace(entrance, NetworkNamespace));
            return action();
        });
    }

    /// <summary>Binds a socket there, where a server here has the same address: it can serve both.</summary>
    /// <returns>Null where there is no such network, or the port is taken there.</returns>
    public static Socket? Bind(IPEndPoint endpoint)
    {
        if (Absence is not null) return null;
        return Within(() =>
        {
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endpoint);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                return null;
            }
        });
    }

    private static Made Make()
    {
        if (!OperatingSystem.IsLinux()) return new Made(null, "only Linux has namespaces for it");
        // .NET's thread for signals is the parent of others: it is not to be born in there, by the first process that is started.
        using var signals = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => { });
        try
        {
            var entrance = OnThread(() =>
            {
                var range = File.ReadAllText(PortRange);
                Check(Unshare(NetworkNamespace));
                RaiseLoopback();
                KeepPortsApart(range);
                return File.OpenHandle("/proc/thread-self/ns/net", share: FileShare.ReadWrite);
            });
            // Who may make one is not always let into it.
            OnThread(() => Check(SetNamespace(entrance, NetworkNamespace)));
            return new Made(entrance, null);
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return new Made(null, e.Message);
        }
    }

    /// <summary>
    /// A server here takes a port that is free here, and needs the same one there: so connections there begin at ports that servers here
    /// never get without asking for one.
    /// </summary>
    private static void KeepPortsApart(string range)
    {
        if (!int.TryParse(range.Split()[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return;
        if (first <= 2 * FirstPort) return;
        try
        {
            File.WriteAllText(PortRange, string.Create(CultureInfo.InvariantCulture, $"{FirstPort} {first - 1}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A container may not: a clash is seldom, and then a connection is refused.
        }
    }

    private static void RaiseLoopback()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var request = default(InterfaceRequest);
        "lo"u8.CopyTo(request.Name);
        Check(Control((int)socket.Handle, GetFlags, ref request));
        request.Flags |= Up;
        Check(Control((int)socket.Handle, SetFlags, ref request));
    }

    /// <returns>Whether it was done; always true.</returns>
    /// <exception cref="Win32Exception">It was not: why, in the system's words.</exception>
    private static bool Check(int result) => result == 0 ? true : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private static T OnThread<T>(Func<T> action)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle entrance, int kind);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int socket, nuint request, ref InterfaceRequest argument);

    /// <summary>The network, or why there is none.</summary>
    private sealed record Made(SafeFileHandle? Namespace, string? Absence);

    /// <summary><c>struct ifreq</c> with flags.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct InterfaceRequest
    {
        public DeviceName Name;
        public short Flags;
    }

    [System.Runtime.CompilerServices.InlineArray(16)]
    private struct DeviceName
    {
        private byte _first;
    }
}
