using AgentHosting.Failures;

namespace AgentHosting.Fallbacks;

/// <summary>One model that was tried and failed.</summary>
public sealed class FallbackAttempt
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>What happened.</summary>
    public required ChatFailure Failure { get; init; }

    /// <summary>How long it took to fail.</summary>
    public required TimeSpan Duration { get; init; }
}
