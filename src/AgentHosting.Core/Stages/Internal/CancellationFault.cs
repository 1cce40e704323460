namespace AgentHosting.Stages.Internal;

/// <summary>What to do about callbacks on a token that throw: they belong to tools and clients, and must not bring down who cancels.</summary>
internal static class CancellationFault
{
    /// <summary>Reads the fault of a cancellation that is under way, so that it is not reported as unobserved. The token is cancelled all the same.</summary>
    public static void Observe(Task cancellation) =>
        _ = cancellation.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
