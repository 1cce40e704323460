namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Days, weeks or months of a time zone. The number of a period is the instant of its first midnight, in UTC ticks.</summary>
internal sealed class CalendarPeriods : ISpendPeriods
{
    private readonly TimeZoneInfo _zone;
    private readonly Func<DateOnly, DateOnly> _first;
    private readonly Func<DateOnly, DateOnly> _next;
    private SpendPeriod? _last;

    public CalendarPeriods(string timeZone, Func<DateOnly, DateOnly> first, Func<DateOnly, DateOnly> next)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(timeZone);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            throw new ArgumentException($"There is no time zone '{timeZone}'. Use a name like 'UTC' or 'Europe/Paris'.", nameof(timeZone));
        }

        (_zone, _first, _next) = (zone, first, next);
    }

    public int Slices => 1;

    public long SliceAt(DateTimeOffset now) => At(now.UtcTicks).Start;

    public long NextAt(long slice) => At(slice).End;

    public DateTimeOffset? EndOf(long slice) => new DateTimeOffset(At(slice).End, TimeSpan.Zero);

    private SpendPeriod At(long ticks)
    {
        // Nearly every call falls into the period of the one before it.
        if (Volatile.Read(ref _last) is { } last && ticks >= last.Start && ticks < last.End)
        {
            return last;
        }

        var local = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(new DateTimeOffset(ticks, TimeSpan.Zero), _zone).DateTime);
        var first = _first(local);
        var period = new SpendPeriod(MidnightOf(first), MidnightOf(_next(first)));
        if (ticks >= period.End)
        {
            // Where clocks are set back over midnight, the old date is read once more after the new one has begun. It stays begun.
            period = new SpendPeriod(period.End, MidnightOf(_next(_next(first))));
        }

        Volatile.Write(ref _last, period);
        return period;
    }

    private long MidnightOf(DateOnly date)
    {
        var midnight = date.ToDateTime(TimeOnly.MinValue);
        // Where clocks are set forward over midnight, the day begins at the first time that there is.
        while (_zone.IsInvalidTime(midnight))
        {
            midnight = midnight.AddMinutes(1);
        }

        // Where midnight comes twice, the day begins with the first.
        var offset = _zone.IsAmbiguousTime(midnight) ? _zone.GetAmbiguousTimeOffsets(midnight).Max() : _zone.GetUtcOffset(midnight);
        return midnight.Ticks - offset.Ticks;
    }
}
