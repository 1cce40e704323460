using System.Text.Json;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>What is stored of a wait beside the fields that scripts read.</summary>
internal sealed class StoredWait
{
    public string? CallId { get; init; }

    public JsonElement? Arguments { get; init; }

    public string? Reason { get; init; }

    public string? Approver { get; init; }

    /// <summary>In ticks.</summary>
    public long? Timeout { get; init; }
}
