using System.Globalization;
using System.Runtime.CompilerServices;
using AgentHosting.Redis.Internal;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>How a window cuts time, as scripts need to know it. They find the slice of a rolling window by themselves; a period of the calendar they are given with its bounds.</summary>
internal sealed class SpendWindowPeriods
{
    private static readonly ConditionalWeakTable<SpendWindow, SpendWindowPeriods> Known = [];
    // Where scripts count slices from: within 28 years of it they count exactly.
    private static readonly long AnchorTicks = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
    private readonly ISpendPeriods? _periods;

    private SpendWindowPeriods(SpendWindow window)
    {
        var (kind, detail) = window.Name.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? (window.Name[..colon], window.Name[(colon + 1)..]) : (window.Name, "");
        (Kind, _periods) = kind switch
        {
            "total" => ('T', null),
            "rolling" => ('R', new RollingPeriods(TimeSpan.ParseExact(detail, "c", CultureInfo.InvariantCulture))),
            "day" => ('C', new CalendarPeriods(detail, static date => date, static date => date.AddDays(1))),
            "week" => ('C', new CalendarPeriods(detail, static date => date.AddDays(-(((int)date.DayOfWeek + 6) % 7)), static date => date.AddDays(7))),
            "month" => ('C', (ISpendPeriods?)new CalendarPeriods(detail, static date => new DateOnly(date.Year, date.Month, 1), static date => date.AddMonths(1))),
            _ => throw new NotSupportedException($"The window '{window.Name}' is not known. Use those of SpendWindow."),
        };
        if (Kind == 'R')
        {
            var slice = AnchorTicks / _periods!.NextAt(0);
            var start = (slice * _periods.NextAt(0)) - DateTimeOffset.UnixEpoch.UtcTicks;
            var (microseconds, ticks) = Math.DivRem(start, TimeSpan.TicksPerMicrosecond);
            Rolling = [_periods.NextAt(0), slice, microseconds, ticks];
        }
    }

    /// <summary><c>T</c> never ends, <c>C</c> is of the calendar, <c>R</c> is rolling.</summary>
    public char Kind { get; }

    /// <summary>Of a rolling window: the ticks of a slice, the number of one slice, and its beginning since 1970 in microseconds and ticks.</summary>
    public long[] Rolling { get; } = [];

    public static SpendWindowPeriods Of(SpendWindow window) => Known.GetValue(window, static window => new SpendWindowPeriods(window));

    /// <summary>The window of a name.</summary>
    public static SpendWindow Parse(string name) => name.Split(':', 2) switch
    {
        ["rolling", var length] => SpendWindow.Rolling(TimeSpan.ParseExact(length, "c", CultureInfo.InvariantCulture)),
        ["day", var zone] => SpendWindow.Day(zone),
        ["week", var zone] => SpendWindow.Week(zone),
        ["month", var zone] => SpendWindow.Month(zone),
        _ => SpendWindow.Total,
    };

    /// <summary>From when to when the period of the calendar lasts that holds a time, in microseconds since 1970.</summary>
    public (long Start, long End) BoundsAt(DateTimeOffset now)
    {
        var start = _periods!.SliceAt(now);
        return (Microseconds(start), Microseconds(_periods.NextAt(start)));
    }

    /// <summary>The number of the period that holds a time.</summary>
    public long PeriodAt(DateTimeOffset now) => _periods?.SliceAt(now) ?? 0;

    /// <summary>The number of a period by that under which it is stored: those of the calendar are too large for a script.</summary>
    public long PeriodOf(long slice) => Kind == 'C' ? RedisTime.ToTime(slice).UtcTicks : slice;

    /// <summary>When what is spent in a period no longer counts; <see langword="null"/> for never.</summary>
    public DateTimeOffset? EndOf(long period) => _periods?.EndOf(period);

    private static long Microseconds(long utcTicks) => RedisTime.Of(new DateTimeOffset(utcTicks, TimeSpan.Zero));
}
