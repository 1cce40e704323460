namespace AgentHosting.Mcp.Internal;

/// <summary>Makes names that every provider takes: up to 64 letters, digits, <c>-</c> and <c>_</c>.</summary>
internal static class McpToolNames
{
    public const int Longest = 64;

    public static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    public static string Of(string? prefix, string tool, HashSet<string> taken)
    {
        var name = string.Concat(prefix + tool).Length > 0 ? new string([.. (prefix + tool).Select(static c => IsPlain(c) ? c : '_')]) : "tool";
        name = name.Length > Longest ? name[..Longest] : name;
        var free = name;
        for (var number = 2; !taken.Add(free); number++)
        {
            var suffix = $"_{number}";
            free = name[..Math.Min(name.Length, Longest - suffix.Length)] + suffix;
        }

        return free;
    }
}
