namespace AgentHosting.SpendLedgers.Internal;

/// <summary>One period that never ends.</summary>
internal sealed class EndlessPeriod : ISpendPeriods
{
    public int Slices => 1;

    public long SliceAt(DateTimeOffset now) => 0;

    public DateTimeOffset? EndOf(long slice) => null;
}
