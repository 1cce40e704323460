namespace AgentHosting.RateLimits.Internal;

/// <summary>Requests that wait for one thing: the limit of a model, an idempotency key. The semaphore gives the turn to those who wait in the order in which they came.</summary>
internal sealed class WaitingLine
{
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public int Count { get; set; }

    /// <summary>What those who wait will take together, beside their number.</summary>
    public long Permits { get; set; }

    /// <summary>Completes when something that was taken has been given back.</summary>
    public TaskCompletionSource GivenBack { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When the last of them came.</summary>
    public long LastCameAt { get; set; }
}
