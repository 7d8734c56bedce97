using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;

namespace Conformance.Model;

/// <summary>
/// What JSON left out that a type says is there: a null where none may be, a list with a null in it, a number that is none. A serializer
/// sees to required fields only, and what comes from workers and reports is anybody's.
/// </summary>
public static class MissingValue
{
    private static readonly ConcurrentDictionary<Type, ImmutableArray<Member>> Members = new();

    private static readonly ConcurrentDictionary<Type, bool> Ours = new();

    /// <summary>Of each type of list, the one that was never set.</summary>
    private static readonly ConcurrentDictionary<Type, object?> Unset = new();

    /// <summary>Where the first such value is, such as <c>hostCalls[0].module</c>; null where nothing is missing.</summary>
    /// <param name="value">What was read.</param>
    public static string? Find(object value)
    {
        foreach (var member in Members.GetOrAdd(value.GetType(), Read))
        {
            var found = member.Property.GetValue(value);
            if (found is null)
            {
                if (member.MayBeNull) continue;
                return member.Name;
            }

            // JSON has no infinity to write, and reads one from a number that is too large.
            if (found is double number && !double.IsFinite(number)) return member.Name;
            if (FindIn(found) is { } within) return member.Name + within;
        }

        return null;
    }

    /// <summary>The value itself.</summary>
    /// <exception cref="JsonException">Something is missing: it says what.</exception>
    public static T Checked<T>([NotNull] T? value)
        where T : class =>
        value is null ? throw new JsonException("it is null")
        : Find(value) is { } path ? throw new JsonException($"'{path}' is null or missing") : value;

    /// <summary>Where in a value it is, as it goes on from the value's name; "" is the value itself.</summary>
    private static string? FindIn(object value)
    {
        switch (value)
        {
            case string or JsonElement:
                return null;
            // A list that was never set: asking it for anything is an error.
            case IStructuralEquatable and IList list when IsDefault(list):
                return "";
            case IDictionary map:
                foreach (DictionaryEntry pair in map)
                {
                    if (pair.Value is null) return $"[{pair.Key}]";
                    if (IsOurs(pair.Value.GetType()) && FindIn(pair.Value) is { } within) return $"[{pair.Key}]{within}";
                }

                return null;
            case IEnumerable items:
                var at = 0;
                foreach (var item in items)
                {
                    if (item is null) return $"[{at}]";
                    if (IsOurs(item.GetType()) && FindIn(item) is { } within) return $"[{at}]{within}";
                    at++;
                }

                return null;
            default:
                return IsOurs(value.GetType()) && Find(value) is { } inner ? $".{inner}" : null;
        }
    }

    /// <summary><see cref="ImmutableArray{T}"/> without an array throws at every member but this one.</summary>
    private static bool IsDefault(IList list) =>
        list.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
        && list.Equals(Unset.GetOrAdd(type, MakeUnset));

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The server, which is trimmed, reads no reports.")]
    private static object? MakeUnset(Type type) => Activator.CreateInstance(type);

    private static bool IsOurs(Type type) => Ours.GetOrAdd(type,
        its => !its.IsEnum && its.Namespace?.StartsWith("Conformance.", StringComparison.Ordinal) == true);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "The server, which is trimmed, reads no reports.")]
    private static ImmutableArray<Member> Read(Type type)
    {
        var nullability = new NullabilityInfoContext();
        // Values that can't be null and hold nothing that could be are not looked at again.
        return [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property is { CanWrite: true, GetMethod: not null } && property.GetIndexParameters().Length == 0
                && !(property.PropertyType.IsEnum || (property.PropertyType.IsPrimitive && property.PropertyType != typeof(double))))
            .Select(property => new Member(property, JsonNamingPolicy.CamelCase.ConvertName(property.Name),
                nullability.Create(property).ReadState != NullabilityState.NotNull))];
    }

    private sealed record Member(PropertyInfo Property, string Name, bool MayBeNull);
}
