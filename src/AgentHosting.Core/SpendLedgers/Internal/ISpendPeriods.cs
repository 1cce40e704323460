namespace AgentHosting.SpendLedgers.Internal;

/// <summary>How time is cut into what a window counts.</summary>
internal interface ISpendPeriods
{
    int Slices { get; }

    long SliceAt(DateTimeOffset now);

    DateTimeOffset? EndOf(long slice);
}
