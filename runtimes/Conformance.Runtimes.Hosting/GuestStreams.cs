using Conformance.Model.Observations;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// A guest's part of the process's <see cref="StandardStreams"/>: from its beginning, which may never come, to its end, which comes once.
/// </summary>
/// <param name="streams">The process's.</param>
/// <param name="stdinPath">The file that is the guest's stdin; null is an empty one.</param>
public sealed class GuestStreams(StandardStreams streams, string? stdinPath) : IDisposable
{
    private bool _captures;
    private (CapturedText Stdout, CapturedText Stderr) _output = (CapturedText.Empty, CapturedText.Empty);

    /// <summary>All that was printed; asking for it ends the capture.</summary>
    public (CapturedText Stdout, CapturedText Stderr) Output
    {
        get
        {
            if (_captures) _output = streams.End();
            _captures = false;
            return _output;
        }
    }

    /// <summary>From here on, what is printed is the guest's; where it is already, nothing changes.</summary>
    /// <exception cref="IOException">The file for its stdin can't be opened, or there are no descriptors.</exception>
    public void Begin()
    {
        if (_captures) return;
        streams.Begin(stdinPath);
        _captures = true;
    }

    /// <summary>Ends the capture, if nobody has.</summary>
    public void Dispose() => _ = Output;
}
