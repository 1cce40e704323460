using AgentHosting.Failures;

namespace AgentHosting.Fallbacks;

/// <summary>What <see cref="FallbackOptions.OnFallback"/> is told: one model failed, the next is about to be tried.</summary>
public sealed class FallbackArguments
{
    /// <summary>The model that failed.</summary>
    public required string FailedModel { get; init; }

    /// <summary>What happened.</summary>
    public required ChatFailure Failure { get; init; }

    /// <summary>The model that is tried next.</summary>
    public required string NextModel { get; init; }

    /// <summary>How many models have been tried so far.</summary>
    public required int Attempts { get; init; }
}
