using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>One request that was not found in this process.</summary>
internal sealed class CacheCall
{
    public required RequestKey Key { get; init; }

    /// <summary>A copy of the list: the call may outlive its caller, who may add to the list.</summary>
    public required ChatMessage[] Messages { get; init; }

    /// <summary>The options for the stages below.</summary>
    public ChatOptions? Options { get; init; }

    public AgentCallContext? Context { get; init; }

    public bool IsRefresh { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public SemanticQuestion? Question { get; init; }

    /// <summary>How many shared calls failed that this caller waited for.</summary>
    public int HandOvers { get; set; }

    /// <summary>How many leaders were refused that this caller waited for.</summary>
    public int Refusals { get; set; }

    /// <summary>The lock between replicas, while this call holds it.</summary>
    public IAsyncDisposable? Held { get; set; }
}
