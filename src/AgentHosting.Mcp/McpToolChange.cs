using System.Text.Json;

namespace AgentHosting.Mcp;

/// <summary>A tool whose definition is not the one that was pinned, as <see cref="McpServerOptions.AcceptChange"/> is asked about it.</summary>
public sealed class McpToolChange
{
    /// <summary>The name of the server.</summary>
    public required string Server { get; init; }

    /// <summary>The tool's name, as the server gives it.</summary>
    public required string Tool { get; init; }

    /// <summary>The fingerprint that was pinned.</summary>
    public required string PinnedFingerprint { get; init; }

    /// <summary>The fingerprint of the definition that the server gives now.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The description that the server gives now. It comes from the server: do not trust it.</summary>
    public string? Description { get; init; }

    /// <summary>The schema of the arguments that the server gives now.</summary>
    public required JsonElement InputSchema { get; init; }
}
