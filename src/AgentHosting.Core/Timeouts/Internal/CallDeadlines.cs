using System.Collections.Concurrent;

namespace AgentHosting.Timeouts.Internal;

/// <summary>Keeps the deadlines of ended calls for later ones.</summary>
internal sealed class CallDeadlines(TimeProvider timeProvider)
{
    private const int MaxKept = 64;
    private readonly ConcurrentQueue<CallDeadline> _kept = new();
    private CallDeadline? _fastest;
    private int _count;

    public CallDeadline Rent()
    {
        var deadline = _fastest;
        if (deadline is not null && Interlocked.CompareExchange(ref _fastest, null, deadline) == deadline)
        {
            return deadline;
        }

        if (_kept.TryDequeue(out deadline))
        {
            Interlocked.Decrement(ref _count);
            return deadline;
        }

        return new CallDeadline(timeProvider);
    }

    public void Return(CallDeadline deadline)
    {
        deadline.End();
        if (_fastest is null && Interlocked.CompareExchange(ref _fastest, deadline, null) is null)
        {
            return;
        }

        if (Interlocked.Increment(ref _count) <= MaxKept)
        {
            _kept.Enqueue(deadline);
        }
        else
        {
            Interlocked.Decrement(ref _count);
            deadline.Dispose();
        }
    }
}
