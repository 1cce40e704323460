namespace AgentHosting.SpendLedgers.Internal;

/// <summary>An open reservation.</summary>
internal sealed class SpendHold(SpendReservation reservation, SpendAmount amount, (SpendCounter Counter, long Slice)[] places)
{
    public SpendReservation Reservation => reservation;

    public SpendAmount Amount => amount;

    public (SpendCounter Counter, long Slice)[] Places => places;

    public bool IsOpen { get; set; } = true;

    public DateTimeOffset ExpiresAt { get; set; }

    public long SeenOutputTokens { get; set; }

    public decimal? SeenCost { get; set; } = reservation.InputCost;
}
