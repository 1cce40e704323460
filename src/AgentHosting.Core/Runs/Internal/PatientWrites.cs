namespace AgentHosting.Runs.Internal;

/// <summary>
/// Repeats a write of an attempt until the store answers: that it is away is not the run's fault, repeating does no harm, and its answer alone tells whose the run is.
/// Only a worker that has to end gives up.
/// </summary>
internal static class PatientWrites
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    public static async ValueTask<T> RepeatAsync<T>(RunAttempt attempt, TimeProvider timeProvider, Func<ValueTask<T>> write)
    {
        var handedBack = attempt.Drain?.HandedBack ?? CancellationToken.None;
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await write();
            }
            catch (RunStoreUnavailableException) when (!handedBack.IsCancellationRequested)
            {
                var pause = RetryBackoff.Delay(failures, FirstPause, LongestPause);
                // Woken when the worker has to end: then once more, and no longer.
                await Task.Delay(pause, timeProvider, handedBack).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
