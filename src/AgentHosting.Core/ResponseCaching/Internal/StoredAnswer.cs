using System.Text.Json.Serialization;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>What stands in the shared cache.</summary>
internal sealed class StoredAnswer
{
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; }

    /// <summary>When the answer may no longer be used, in milliseconds of the Unix epoch: a copy kept in a process must not outlive the original.</summary>
    [JsonPropertyName("exp")]
    public long ExpiresAt { get; init; }

    [JsonPropertyName("a")]
    public CachedAnswer? Answer { get; init; }
}
