namespace AgentHosting.Fallbacks.Internal;

/// <summary>A model that is at work on a call, maybe beside another.</summary>
internal sealed class HedgedAttempt<TResult>
{
    public required FallbackCandidate Candidate { get; init; }

    public required CancellationTokenSource Cancellation { get; init; }

    /// <summary>Its own copy: two models at work must not write over each other's.</summary>
    public required AgentCallContext? Context { get; init; }

    public required long Started { get; init; }

    public required bool IsHedge { get; init; }

    public required Task<TResult> Task { get; init; }
}
