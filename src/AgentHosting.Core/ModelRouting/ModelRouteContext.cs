using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting;

/// <summary>What a policy knows about the call that it chooses a model for.</summary>
public sealed class ModelRouteContext
{
    private long _tokens = -1;

    /// <summary>The messages of the call.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The options of the call. Not to be changed.</summary>
    public ChatOptions? Options { get; init; }

    /// <summary>The models to choose from, weakest first: the candidates that the call fits into.</summary>
    public required IReadOnlyList<ModelRouteTarget> Targets { get; init; }

    /// <summary>Whether the answer will be streamed.</summary>
    public bool IsStreaming { get; init; }

    /// <summary>The call context, or <see langword="null"/> when the call carries none.</summary>
    public AgentCallContext? CallContext => Options.GetAgentContext();

    /// <summary>How many tokens the request has: counted by the registered <see cref="ITokenCounter"/>, else estimated on the high side (<see cref="TokenEstimator"/>).</summary>
    public long EstimatedInputTokens => _tokens >= 0 ? _tokens : _tokens = Counter.CountInput(Messages, Options);

    /// <summary>Who counts them.</summary>
    internal ITokenCounter Counter { get; init; } = TokenEstimator.Instance;
}
