using System.Text.Json;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>A tool of a server, as agents see it. It holds the definition that was accepted, and stays valid over reconnects.</summary>
internal sealed class McpFunction : AIFunction
{
    private readonly McpToolSource _source;
    private readonly Dictionary<string, object?> _properties;

    public McpFunction(McpToolSource source, string name, Tool tool, string fingerprint, McpServerOptions options)
    {
        _source = source;
        Name = name;
        Tool = tool;
        Fingerprint = fingerprint;
        IsIdempotent = options.IdempotentTools.Contains(tool.Name);
        _properties = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [McpToolProperties.Server] = source.Name,
            [McpToolProperties.Tool] = tool.Name,
            [McpToolProperties.Fingerprint] = fingerprint,
            [ToolProperties.IsIdempotent] = IsIdempotent,
        };
        if (options.Risk is { } risk)
        {
            _properties[ToolProperties.Risk] = risk;
        }
    }

    public Tool Tool { get; }

    public string Fingerprint { get; }

    public bool IsIdempotent { get; }

    /// <summary>Whether the other is the same tool under the same settings.</summary>
    public bool IsSameAs(McpFunction other) => Name == other.Name && Tool.Name == other.Tool.Name && Fingerprint == other.Fingerprint && IsIdempotent == other.IsIdempotent
        && Equals(_properties.GetValueOrDefault(ToolProperties.Risk), other._properties.GetValueOrDefault(ToolProperties.Risk));

    public override string Name { get; }

    public override string Description => Tool.Description ?? "";

    public override JsonElement JsonSchema => Tool.InputSchema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => _properties;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        _source.CallAsync(this, arguments, cancellationToken);
}
