namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What is spent and held in one scope and window, by slices of time. Used under the ledger's lock.</summary>
internal sealed class SpendCounter(SpendCounterKey key)
{
    // Clocks are set back by less than this; a counter that was forgotten too early would open its period again.
    private static readonly TimeSpan KeptBeyondEnd = TimeSpan.FromMinutes(10);
    private readonly Slice[] _slices = new Slice[key.Window.Slices];
    private SpendAmount _settled;
    private SpendAmount _held;
    // When the current slice ends, in UTC ticks, and where it stands: so that neither is worked out for each request.
    private long _movesAt = long.MinValue;
    private int _slotOfLatest;

    public SpendCounterKey Key => key;

    public SpendWindow Window => key.Window;

    /// <summary>The current slice. It only moves forward: a clock that is set back opens no old period again.</summary>
    public long Latest { get; private set; } = long.MinValue;

    public SpendAmount Settled => _settled;

    public SpendAmount Held => _held;

    public SpendAmount Used => _settled + _held;

    /// <summary>The number of the reservation that looked at it last, so that one whose limits share a counter counts once.</summary>
    public long SeenBy { get; set; }

    /// <summary>How many reservations are open on it, so that it must not be forgotten.</summary>
    public int Open { get; private set; }

    public DateTimeOffset LastUse { get; private set; }

    /// <summary>The alert thresholds; <see langword="null"/> while no limit has any.</summary>
    public SpendThresholds? Thresholds { get; private set; }

    /// <summary>Notes the alert thresholds of a limit, if it has any.</summary>
    public void Watch(SpendLimit limit)
    {
        if (limit.HasAlerts)
        {
            (Thresholds ??= new SpendThresholds(this)).Watch(limit);
        }
    }

    /// <summary>Forgets the slices that are over.</summary>
    public void MoveTo(DateTimeOffset now)
    {
        LastUse = now;
        if (now.UtcTicks < _movesAt)
        {
            return;
        }

        var slice = key.Window.SliceAt(now);
        if (slice <= Latest)
        {
            return;
        }

        Latest = slice;
        _slotOfLatest = IndexOf(slice);
        _movesAt = key.Window.NextAt(slice);
        for (var i = 0; i < _slices.Length; i++)
        {
            if (_slices[i].IsUsed && !Counts(_slices[i].Number))
            {
                Clear(ref _slices[i]);
            }
        }

        Thresholds?.Rearm();
    }

    /// <summary>Sets aside in the current slice.</summary>
    /// <returns>The slice, to settle in.</returns>
    public long Hold(SpendAmount amount)
    {
        ref var slice = ref SlotOf(Latest);
        if (slice.Number != Latest || !slice.IsUsed)
        {
            Clear(ref slice);
            slice.Number = Latest;
            slice.IsUsed = true;
        }

        slice.Held += amount;
        _held += amount;
        Open++;
        return Latest;
    }

    /// <summary>Gives back what was set aside, and charges what it has cost, in the slice where it was set aside. One that is over stays as it is.</summary>
    public void Settle(long number, SpendAmount held, SpendAmount spent)
    {
        Open--;
        ref var slice = ref SlotOf(number);
        if (!slice.IsUsed || slice.Number != number)
        {
            return;
        }

        slice.Held -= held;
        slice.Settled += spent;
        _held -= held;
        _settled += spent;
    }

    /// <summary>Charges a difference to what was settled in a slice. One that is over stays as it is.</summary>
    public void Correct(long number, SpendAmount change)
    {
        ref var slice = ref SlotOf(number);
        if (slice.IsUsed && slice.Number == number)
        {
            slice.Settled += change;
            _settled += change;
        }
    }

    /// <summary>When an amount will have been forgotten, if nothing is added; <see langword="null"/> for never.</summary>
    public DateTimeOffset? TimeToForget(SpendUnit unit, long amount)
    {
        foreach (var slice in _slices.Where(static slice => slice.IsUsed).OrderBy(static slice => slice.Number))
        {
            amount -= slice.Settled.Of(unit) + slice.Held.Of(unit);
            if (amount <= 0)
            {
                return key.Window.EndOf(slice.Number);
            }
        }

        return null;
    }

    /// <summary>Whether nothing of it counts any more. What never ends is over once its run or session has been idle for long.</summary>
    public bool IsOver(DateTimeOffset now, TimeSpan idle) => Open == 0 && (key.Window.EndOf(Latest) is { } end
        ? now - end >= KeptBeyondEnd
        : key.Scope.Scope is SpendScope.Run or SpendScope.Session && now - LastUse >= idle);

    /// <summary>Whether a slice is within the current period.</summary>
    public bool Counts(long number) => _slices.Length == 1 ? number == Latest : number > Latest - _slices.Length;

    private ref Slice SlotOf(long number) => ref _slices[number == Latest ? _slotOfLatest : IndexOf(number)];

    private int IndexOf(long number) => _slices.Length == 1 ? 0 : (int)(number % _slices.Length);

    private void Clear(ref Slice slice)
    {
        _settled -= slice.Settled;
        _held -= slice.Held;
        slice = default;
    }

    private struct Slice
    {
        public long Number;
        public bool IsUsed;
        public SpendAmount Settled;
        public SpendAmount Held;
    }
}
