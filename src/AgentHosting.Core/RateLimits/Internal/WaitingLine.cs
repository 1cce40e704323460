namespace AgentHosting.RateLimits.Internal;

/// <summary>Requests that wait for one model. Who has the turn asks the limiter; the semaphore gives it to those who wait in the order in which they came.</summary>
internal sealed class WaitingLine
{
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public int Count { get; set; }
}
