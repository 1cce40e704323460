namespace AgentHosting.SpendLedgers.Internal;

/// <summary>One period that never ends.</summary>
internal sealed class EndlessPeriod : ISpendPeriods
{
    public int Slices => 1;

    public long SliceAt(DateTimeOffset now) => 0;

    public long NextAt(long slice) => long.MaxValue;

    public DateTimeOffset? EndOf(long slice) => null;
}
