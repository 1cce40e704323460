using System.Text.Json;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>Random JSON objects, written with their properties in random order and random white space.</summary>
internal static class RandomJson
{
    private static readonly string[] Spaces = ["", " ", "\n", "\t "];

    public static Dictionary<string, object?> Object(Random random, int depth)
    {
        var properties = new Dictionary<string, object?>();
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            properties[$"p{random.Next(20)}"] = Value(random, depth - 1);
        }

        return properties;
    }

    /// <summary>The same with one more property.</summary>
    public static Dictionary<string, object?> Changed(Dictionary<string, object?> value) => new(value) { ["changed"] = true };

    public static string Write(object? value, Random random)
    {
        string Space() => Spaces[random.Next(Spaces.Length)];
        return Space() + value switch
        {
            Dictionary<string, object?> properties => "{" + string.Join(
                ",", properties.OrderBy(_ => random.Next()).Select(one => $"{Space()}{JsonSerializer.Serialize(one.Key)}{Space()}:{Write(one.Value, random)}")) + "}",
            object?[] items => "[" + string.Join(",", items.Select(item => Write(item, random))) + "]",
            _ => JsonSerializer.Serialize(value),
        } + Space();
    }

    private static object? Value(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => random.Next(-5, 100),
        1 => random.Next(2) == 0,
        2 => null,
        3 => random.Next(100) / 4.0,
        4 => $"text \"{random.Next(100)}\" \u00e9",
        5 => Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)).ToArray(),
        _ => Object(random, depth),
    };
}
