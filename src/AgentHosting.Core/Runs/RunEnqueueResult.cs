namespace AgentHosting.Runs;

/// <summary>The store's answer to <see cref="IRunStore.EnqueueAsync"/>.</summary>
public sealed class RunEnqueueResult
{
    /// <summary>What happened.</summary>
    public required RunEnqueueOutcome Outcome { get; init; }

    /// <summary>The new run, the run that the idempotency key stands for, or the run that keeps the session busy.</summary>
    public string? RunId { get; init; }

    /// <summary>What that run waits for: <see cref="RunEnqueueOutcome.SessionWaiting"/>.</summary>
    public string? RequestId { get; init; }

    /// <summary>The key of the step with effects that stands against it: <see cref="RunEnqueueOutcome.RollbackRefused"/>.</summary>
    public string? Step { get; init; }
}
