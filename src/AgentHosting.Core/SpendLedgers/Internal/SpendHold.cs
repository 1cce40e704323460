namespace AgentHosting.SpendLedgers.Internal;

/// <summary>An open reservation.</summary>
internal sealed class SpendHold(SpendReservation reservation, in SpendAmount amount, in SpendPlaces places, long expiresAt)
{
    private readonly SpendAmount _amount = amount;
    private SpendPlaces _places = places;

    public SpendReservation Reservation => reservation;

    public bool IsOpen { get; set; } = true;

    /// <summary>When its lease ends, in UTC ticks.</summary>
    public long ExpiresAt { get; set; } = expiresAt;

    /// <summary>What a renewal has told; <see langword="null"/> before: nothing but its input.</summary>
    public SpendSeen? Seen { get; set; }

    /// <summary>Gives back in every place what was set aside, and charges what it has cost.</summary>
    /// <returns>Whether an alert threshold may have been reached.</returns>
    public bool Settle(in SpendAmount spent, DateTimeOffset now)
    {
        var isDue = false;
        for (var i = 0; i < _places.Count; i++)
        {
            ref readonly var place = ref _places[i];
            // It first moves on: what was told in a slice that is over may be due again.
            place.Counter.MoveTo(now);
            place.Counter.Settle(place.Slice, _amount, spent);
            isDue |= place.Counter.Thresholds is { IsDue: true };
        }

        return isDue;
    }

    /// <summary>Charges a difference in every place.</summary>
    /// <returns>Whether an alert threshold may have been reached.</returns>
    public bool Correct(in SpendAmount change, DateTimeOffset now)
    {
        var isDue = false;
        for (var i = 0; i < _places.Count; i++)
        {
            ref readonly var place = ref _places[i];
            place.Counter.MoveTo(now);
            place.Counter.Correct(place.Slice, change);
            isDue |= place.Counter.Thresholds is { IsDue: true };
        }

        return isDue;
    }
}
