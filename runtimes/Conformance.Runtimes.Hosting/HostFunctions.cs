using System.Collections.Immutable;
using System.Globalization;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>The counter server could not be asked; the guest's call traps with this.</summary>
public sealed class HostCallException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The host functions of one cell: each call is the HTTP request that the manifest declares, and is written down. They fit any declared
/// type: parameters are ignored, and one result is given where one is asked for.
/// </summary>
public sealed class HostFunctions(string counterUrl)
{
    /// <summary>What a counter server answers is a number, or a few words.</summary>
    private const int MostAnswer = 1024;

    private readonly ImmutableArray<HostCall>.Builder _calls = ImmutableArray.CreateBuilder<HostCall>();

    /// <summary>Calls so far, in order.</summary>
    public ImmutableArray<HostCall> Calls => _calls.ToImmutable();

    /// <summary>Whether a host function can be given the type: at most one result, a number.</summary>
    public static bool Fits(FunctionType type) => type.Results.Length == 0 || (type.Results is [var result] && IsNumber(result));

    /// <summary>Whether a value's type is one of the numbers that WebAssembly began with.</summary>
    public static bool IsNumber(string type) => type is "i32" or "i64" or "f32" or "f64";

    /// <summary>Does the import's request.</summary>
    /// <param name="import">What the manifest declares.</param>
    /// <param name="wantsResult">True where the import's declared type has a result.</param>
    /// <returns>The result; 0 where none is wanted or the manifest gives none.</returns>
    /// <exception cref="HostCallException">The server could not be reached, refused, or gave no number where one is wanted.</exception>
    public long Call(DeclaredImport import, bool wantsResult)
    {
        try
        {
            var result = Send(import, wantsResult);
            Record(new HostCall(import.Module, import.Name, 1, wantsResult ? result.ToString(CultureInfo.InvariantCulture) : null, null));
            return result;
        }
        catch (HostCallException e)
        {
            Record(new HostCall(import.Module, import.Name, 1, null, e.Message));
            throw;
        }
    }

    /// <summary>
    /// What an engine is to call: does the import's request, whatever its parameters, and gives the result in the engine's own form.
    /// </summary>
    /// <returns>Null is given where the import's type has no result.</returns>
    public Func<T?> Answering<T>(FulfilledImport import, Func<int, T> i32, Func<long, T> i64, Func<float, T> f32, Func<double, T> f64)
        where T : struct
    {
        if (import.Type.Results is not [var type])
        {
            return () =>
            {
                Call(import.Host, wantsResult: false);
                return null;
            };
        }

        Func<long, T> convert = type switch
        {
            "i32" => value => i32((int)value),
            "i64" => i64,
            "f32" => value => f32(value),
            _ => value => f64(value)
        };
        return () => convert(Call(import.Host, wantsResult: true));
    }

    private long Send(DeclaredImport import, bool wantsResult)
    {
        try
        {
            var (status, body) = CounterClient.Send(import.Method, counterUrl + import.Path, MostAnswer);
            if (status is < 200 or > 299)
                throw new HostCallException($"{import.Method} {import.Path}: the counter server answered {status}");
            if (!wantsResult || import.Returns == HostReturn.Nothing) return 0;
            return long.TryParse(body, NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingWhite,
                CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new HostCallException(
                    $"{import.Method} {import.Path}: the counter server's answer is no number: {body[..Math.Min(body.Length, 80)]}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new HostCallException($"{import.Method} {import.Path}: {e.Message}", e);
        }
    }

    private void Record(HostCall call)
    {
        if (_calls.Count > 0 && _calls[^1] is var last && last with { Times = 1 } == call)
        {
            _calls[^1] = last with
            {
                Times = last.Times + 1,
            };
        }
        else
        {
            _calls.Add(call);
        }
    }
}
