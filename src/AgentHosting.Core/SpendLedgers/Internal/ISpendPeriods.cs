namespace AgentHosting.SpendLedgers.Internal;

/// <summary>How time is cut into what a window counts.</summary>
internal interface ISpendPeriods
{
    int Slices { get; }

    long SliceAt(DateTimeOffset now);

    /// <summary>When the slice after it begins, in UTC ticks.</summary>
    long NextAt(long slice);

    /// <summary>When what is spent in it no longer counts.</summary>
    DateTimeOffset? EndOf(long slice);
}
