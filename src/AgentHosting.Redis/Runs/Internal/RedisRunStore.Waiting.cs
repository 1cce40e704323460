using AgentHosting.Redis.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <content>Those who wait for work, for events and for cancellations.</content>
internal sealed partial class RedisRunStore
{
    public async ValueTask WaitForWorkAsync(TimeSpan maxWait, CancellationToken cancellationToken)
    {
        // What the look takes counts.
        var started = _time.GetTimestamp();
        // Registered first: what becomes ready after the look wakes it.
        using var waiter = await RunOutages.TellAsync(_wakeUps.WaitForWorkAsync(cancellationToken).AsTask());
        RedisResult[] reply;
        try
        {
            reply = RunReplies.Items(await EvaluateAsync(RunScripts.PeekWork, cancellationToken));
        }
        catch
        {
            // It may have been woken meanwhile.
            waiter.PassOn();
            throw;
        }

        if ((int)reply[0] == 1)
        {
            return;
        }

        if (!reply[1].IsNull)
        {
            var untilDue = RedisTime.ToSpan(Math.Max(0, (long)reply[1] - (long)reply[2]));
            maxWait = untilDue < maxWait ? untilDue : maxWait;
        }

        await waiter.WaitAsync(maxWait - _time.GetElapsedTime(started), _time, cancellationToken);
    }

    public async ValueTask WaitForEventsAsync(string runId, long after, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        var started = _time.GetTimestamp();
        using var waiter = await RunOutages.TellAsync(_wakeUps.WaitForEventsAsync(runId, cancellationToken).AsTask());
        if ((int)await EvaluateAsync(RunScripts.PeekEvents, cancellationToken, runId, after) == 0)
        {
            await waiter.WaitAsync(maxWait - _time.GetElapsedTime(started), _time, cancellationToken);
        }
    }

    public IDisposable SubscribeCancellations(Action<string> onRequested)
    {
        ArgumentNullException.ThrowIfNull(onRequested);
        return _wakeUps.SubscribeCancellations(onRequested);
    }
}
