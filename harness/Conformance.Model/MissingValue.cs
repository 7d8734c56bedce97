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

    /// <summary>Where the first such value is, such as <c>hostCalls[0].module</c>; null where nothing is missing.</summary>
    /// <param name="value">What was read.</param>
    public static string? Find(object value) => Find(value, "");

    /// <summary>The value itself.</summary>
    /// <exception cref="JsonException">Something is missing: it says what.</exception>
    public static T Checked<T>([NotNull] T? value)
        where T : class =>
        value is null ? throw new JsonException("it is null")
        : Find(value) is { } path ? throw new JsonException($"'{path}' is null or missing") : value;

    private static string? Find(object value, string path)
    {
        foreach (var member in Members.GetOrAdd(value.GetType(), Read))
        {
            var here = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            var found = member.Property.GetValue(value);
            if (found is null)
            {
                if (member.MayBeNull) continue;
                return here;
            }

            // JSON has no infinity to write, and reads one from a number that is too large.
            if (found is double number && !double.IsFinite(number)) return here;
            if (FindIn(found, here) is { } missing) return missing;
        }

        return null;
    }

    private static string? FindIn(object value, string path)
    {
        switch (value)
        {
            case string or JsonElement:
                return null;
            // A list that was never set: asking it for anything is an error.
            case IStructuralEquatable and IList list when IsDefault(list):
                return path;
            case IDictionary map:
                foreach (DictionaryEntry pair in map)
                {
                    if (pair.Value is null) return $"{path}[{pair.Key}]";
                    if (IsOurs(pair.Value.GetType()) && FindIn(pair.Value, $"{path}[{pair.Key}]") is { } missing) return missing;
                }

                return null;
            case IEnumerable items:
                var at = 0;
                foreach (var item in items)
                {
                    var here = $"{path}[{at++}]";
                    if (item is null) return here;
                    if (IsOurs(item.GetType()) && FindIn(item, here) is { } missing) return missing;
                }

                return null;
            default:
                return IsOurs(value.GetType()) ? Find(value, path) : null;
        }
    }

    /// <summary><see cref="ImmutableArray{T}"/> without an array throws at every member but this one.</summary>
    private static bool IsDefault(IList list) =>
        list.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
        && list.Equals(Activator(type));

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The server, which is trimmed, reads no reports.")]
    private static object? Activator(Type type) => System.Activator.CreateInstance(type);

    private static bool IsOurs(Type type) => !type.IsEnum && type.Namespace?.StartsWith("Conformance.", StringComparison.Ordinal) == true;

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
