using System.Globalization;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.SpendLedgers;

/// <summary>Over which time a limit counts. Immutable; two windows of one name are equal.</summary>
public sealed class SpendWindow : IEquatable<SpendWindow>
{
    private readonly ISpendPeriods _periods;
    private readonly int _hash;

    private SpendWindow(string name, ISpendPeriods periods)
    {
        Name = name;
        _periods = periods;
        _hash = name.GetHashCode(StringComparison.Ordinal);
    }

    /// <summary>For ever: as long as the run or the session lasts.</summary>
    public static SpendWindow Total { get; } = new("total", new EndlessPeriod());

    /// <summary>The name under which what was spent is kept, for example <c>rolling:01:00:00</c> or <c>month:Europe/Paris</c>.</summary>
    public string Name { get; }

    /// <summary>In how many slices the window is counted. It moves on by one at a time, and the oldest one counts in full.</summary>
    internal int Slices => _periods.Slices;

    /// <summary>The last stretch of time, counted in 60 slices.</summary>
    /// <param name="length">From a second to 366 days.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of that range.</exception>
    public static SpendWindow Rolling(TimeSpan length)
    {
        if (length < TimeSpan.FromSeconds(1) || length > TimeSpan.FromDays(366))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A rolling window is between 1 second and 366 days long.");
        }

        return new(string.Create(CultureInfo.InvariantCulture, $"rolling:{length:c}"), new RollingPeriods(length));
    }

    /// <summary>A day of the calendar, from midnight.</summary>
    /// <param name="timeZone">The IANA or Windows name of the time zone.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentException">There is no such time zone.</exception>
    public static SpendWindow Day(string timeZone = "UTC") => new($"day:{timeZone}", new CalendarPeriods(timeZone, static date => date, static date => date.AddDays(1)));

    /// <summary>A week of the calendar, from Monday.</summary>
    /// <param name="timeZone">The IANA or Windows name of the time zone.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentException">There is no such time zone.</exception>
    public static SpendWindow Week(string timeZone = "UTC") => new(
        $"week:{timeZone}", new CalendarPeriods(timeZone, static date => date.AddDays(-(((int)date.DayOfWeek + 6) % 7)), static date => date.AddDays(7)));

    /// <summary>A month of the calendar.</summary>
    /// <param name="timeZone">The IANA or Windows name of the time zone.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentException">There is no such time zone.</exception>
    public static SpendWindow Month(string timeZone = "UTC") => new(
        $"month:{timeZone}", new CalendarPeriods(timeZone, static date => new DateOnly(date.Year, date.Month, 1), static date => date.AddMonths(1)));

    /// <inheritdoc/>
    public bool Equals(SpendWindow? other) => ReferenceEquals(this, other) || (other is not null && other.Name == Name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SpendWindow);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The slice that holds <paramref name="now"/>; later slices have larger numbers.</summary>
    internal long SliceAt(DateTimeOffset now) => _periods.SliceAt(now);

    /// <summary>When a slice no longer counts; <see langword="null"/> for never.</summary>
    internal long NextAt(long slice) => _periods.NextAt(slice);

    internal DateTimeOffset? EndOf(long slice) => _periods.EndOf(slice);
}
