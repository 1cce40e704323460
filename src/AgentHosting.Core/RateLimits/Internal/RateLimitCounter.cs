namespace AgentHosting.RateLimits.Internal;

/// <summary>What was taken of one key in the slices of its window that still count. Used under the limiter's lock.</summary>
/// <remarks>
/// A window is counted in sixtieths, and one more than it has, since the oldest one and the current one are both in part within it: whatever was admitted in the last
/// stretch of its length is counted, and is forgotten at most a sixtieth late. Only slices with something in them take memory.
/// </remarks>
internal sealed class RateLimitCounter(RateLimitKey key)
{
    public const int SlicesOfWindow = 60;
    private const int Counted = SlicesOfWindow + 1;

    private readonly long _sliceTicks = SliceTicks(key.Window);
    // A ring of the slices in use, the oldest first.
    private Slice[] _ring = new Slice[4];
    private int _first;
    private int _count;

    public RateLimitKey Key => key;

    public long Used { get; private set; }

    /// <summary>Whether nothing of it counts any more.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Rounded up: sixty slices are never shorter than the window.</summary>
    public static long SliceTicks(TimeSpan window) => (window.Ticks + SlicesOfWindow - 1) / SlicesOfWindow;

    /// <summary>After this time what was taken in a window is forgotten, whenever in its slice that was.</summary>
    public static TimeSpan TimeToForget(TimeSpan window) => TimeSpan.FromTicks(SliceTicks(window) * Counted);

    /// <summary>Forgets the slices that are over.</summary>
    public void MoveTo(long now)
    {
        var oldest = (now / _sliceTicks) - SlicesOfWindow;
        while (_count > 0 && At(0).Number < oldest)
        {
            Used -= At(0).Amount;
            _first = (_first + 1) & (_ring.Length - 1);
            _count--;
        }
    }

    public void Take(long now, long permits)
    {
        var number = now / _sliceTicks;
        if (_count == 0 || At(_count - 1).Number != number)
        {
            if (_count == _ring.Length)
            {
                Grow();
            }

            _count++;
            At(_count - 1) = new Slice { Number = number };
        }

        At(_count - 1).Amount += permits;
        Used += permits;
    }

    /// <returns>Whether the slice still counts.</returns>
    public bool Correct(long takenAt, long change)
    {
        var number = takenAt / _sliceTicks;
        for (var i = _count - 1; i >= 0 && At(i).Number >= number; i--)
        {
            ref var slice = ref At(i);
            if (slice.Number == number)
            {
                change = Math.Max(change, -slice.Amount);
                slice.Amount += change;
                Used += change;
                return true;
            }
        }

        return false;
    }

    /// <summary>When this much will have been forgotten, if nothing is added.</summary>
    public long TimeToForget(long amount)
    {
        for (var i = 0; i < _count; i++)
        {
            amount -= At(i).Amount;
            if (amount <= 0)
            {
                return (At(i).Number + Counted) * _sliceTicks;
            }
        }

        throw new System.Diagnostics.UnreachableException($"{amount} more than {Used} were to be forgotten.");
    }

    private ref Slice At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new Slice[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
        {
            larger[i] = At(i);
        }

        (_ring, _first) = (larger, 0);
    }

    private struct Slice
    {
        public long Number;
        public long Amount;
    }
}
