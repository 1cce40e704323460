using System.Security.Cryptography;
using System.Text;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>Makes names that every provider takes: up to 64 letters, digits, <c>-</c> and <c>_</c>.</summary>
internal static class McpToolNames
{
    public const int Longest = 64;

    public static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    /// <summary>
    /// Names for the tools of a server. Where names come out the same, none keeps the short one: each gets a part that is made of the tool's own name. So a tool
    /// that comes later never answers to the name of another.
    /// </summary>
    public static List<(string Name, Tool Tool)> Of(string? prefix, IEnumerable<Tool> tools)
    {
        var named = tools.Select(tool => (Name: Plain(prefix + tool.Name), Tool: tool)).ToList();
        var shared = Shared(named);
        named = [.. named.Select(item => shared.Contains(item.Name) ? (Distinct(item.Name, item.Tool.Name), item.Tool) : item)];
        // A name that is made to look like one of these: neither is of use.
        shared = Shared(named);
        named.RemoveAll(item => shared.Contains(item.Name));
        return named;
    }

    private static HashSet<string> Shared(List<(string Name, Tool Tool)> named) =>
        named.CountBy(static item => item.Name, StringComparer.Ordinal).Where(static pair => pair.Value > 1).Select(static pair => pair.Key).ToHashSet(StringComparer.Ordinal);

    private static string Plain(string text)
    {
        var name = text.Length > 0 ? new string([.. text.Select(static c => IsPlain(c) ? c : '_')]) : "tool";
        // A name that is cut off is made distinct at once: what else begins alike may come later.
        return name.Length > Longest ? Distinct(name, text) : name;
    }

    private static string Distinct(string name, string tool)
    {
        var suffix = $"_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tool)))[..10]}";
        return name[..Math.Min(name.Length, Longest - suffix.Length)] + suffix;
    }
}
