namespace AgentHosting.Mcp.Internal;

/// <summary>The names of the servers that were added, in order.</summary>
internal sealed class McpServerNames
{
    private readonly List<string> _names = [];

    public IReadOnlyList<string> All => _names;

    /// <returns>Whether the name is new.</returns>
    public bool Add(string name)
    {
        if (_names.Contains(name))
        {
            return false;
        }

        _names.Add(name);
        return true;
    }

    /// <summary>A name for a server that was given by its address alone.</summary>
    public static string Of(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri)
        {
            throw new ArgumentException($"The address '{url}' of an MCP server is relative. Use an absolute one.", nameof(url));
        }

        return Plain($"{url.Host}{(url.IsDefaultPort ? "" : $"-{url.Port}")}{url.AbsolutePath.TrimEnd('/')}");
    }

    /// <summary>A name for a program: that of the package or script that it runs, or else its own.</summary>
    public static string Of(string command, IReadOnlyList<string> arguments)
    {
        var what = arguments.FirstOrDefault(static argument => !argument.StartsWith('-')) ?? command;
        var last = what.TrimEnd('/', '\\').Split('/', '\\')[^1];
        // "server-everything@2026.1.1" of "@scope/server-everything@2026.1.1".
        var end = last.IndexOf('@', StringComparison.Ordinal);
        return Plain(end > 0 ? last[..end] : last);
    }

    private static string Plain(string text)
    {
        var name = new string([.. text.Select(static c => McpToolNames.IsPlain(c) ? c : '-')]).Trim('-');
        return name.Length > 32 ? name[..32] : name.Length > 0 ? name : "mcp";
    }
}
