using Microsoft.Extensions.Configuration;

namespace AgentHosting.Mcp.Internal;

/// <summary>Reads section <c>AgentHosting:Mcp</c>.</summary>
internal static class McpConfiguration
{
    public const string SectionName = "Mcp";
    public const string Section = $"{AgentHostingConfiguration.Section}:{SectionName}";
    public const string ServersSection = $"{Section}:Servers";

    public static void Bind(IConfigurationSection section, McpOptions options)
    {
        foreach (var child in section.GetChildren())
        {
            if (child.Key.Equals(nameof(options.PinFile), StringComparison.OrdinalIgnoreCase))
            {
                options.PinFile = child.Value;
            }
            else if (!child.Key.Equals("Servers", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"'{child.Key}' is no setting; known are PinFile and Servers.");
            }
        }
    }

    public static void Bind(IConfigurationSection section, McpServerOptions options)
    {
        // The binder would add to what code has set, and configuration is to win.
        foreach (var list in (ReadOnlySpan<(string Key, IList<string> Values)>)
        [
            (nameof(options.Arguments), options.Arguments),
            (nameof(options.AllowedTools), options.AllowedTools),
            (nameof(options.DeniedTools), options.DeniedTools),
            (nameof(options.IdempotentTools), options.IdempotentTools),
            (nameof(options.AcceptedTools), options.AcceptedTools),
        ])
        {
            if (section.GetSection(list.Key).Exists())
            {
                list.Values.Clear();
            }
        }

        section.Bind(options, StrictBinding.Strict);
    }
}
