namespace AgentHosting.Stages.Internal;

/// <summary>What to do about callbacks on a token that throw: they belong to tools and clients, and must not bring down who cancels.</summary>
internal static class CancellationFault
{
    /// <summary>Reads the fault of a cancellation that is under way, so that it is not reported as unobserved. The token is cancelled all the same.</summary>
    public static void Observe(Task cancellation) =>
        _ = cancellation.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Cancels after a time. Not with the source's own timer: a callback that throws would end the process from the timer's thread.</summary>
    public static ITimer CancelAfter(this CancellationTokenSource source, TimeSpan time, TimeProvider timeProvider) => timeProvider.CreateTimer(
        static state => Observe(((CancellationTokenSource)state!).CancelAsync()), source, time, Timeout.InfiniteTimeSpan);
}
