using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>One request that was not found in this process.</summary>
internal sealed class CacheCall
{
    public required RequestKey Key { get; init; }

    /// <summary>Copies: the call may outlive its caller, who may change the originals.</summary>
    public required ChatMessage[] Messages { get; init; }

    /// <summary>A copy of the options, for the stages below.</summary>
    public ChatOptions? Options { get; init; }

    /// <summary>The caller's context, for what became of the call.</summary>
    public AgentCallContext? Context { get; init; }

    /// <summary>The context that the stages below write into: a caller that has left may use its own for another call.</summary>
    public AgentCallContext? InnerContext { get; init; }

    public bool IsRefresh { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public SemanticQuestion? Question { get; init; }

    /// <summary>When the model was asked, as a number that grows: an answer does not replace that of a call that began later.</summary>
    public long Order { get; set; }

    /// <summary>How many shared calls failed that this caller waited for.</summary>
    public int HandOvers { get; set; }

    /// <summary>How many leaders were refused that this caller waited for.</summary>
    public int Refusals { get; set; }

    /// <summary>The lock between replicas, while this call holds it.</summary>
    public IAsyncDisposable? Held { get; set; }

    /// <summary>Tells the caller which model served it, as far as is known.</summary>
    public void Report() => Context?.ServedByModel = InnerContext?.ServedByModel;

    /// <summary>Tells who counts the calls of a model whether this one waits for another.</summary>
    public void IsShared(bool isShared) => Context?.Load?.IsShared(isShared);

    /// <summary>Tells the caller that the answer cost nothing.</summary>
    public void Free(CachedAnswer? answer)
    {
        ResponseCacheChatClient.Free(Context, answer);
        InnerContext?.ServedByModel = Context?.ServedByModel;
    }
}
