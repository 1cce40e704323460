using System.ComponentModel.DataAnnotations;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.SpendLedgers;

/// <summary>How much the ledger keeps. Configuration section <c>AgentHosting:SpendLedger</c>.</summary>
public class SpendLedgerOptions
{
    /// <summary>How long sums by day are kept, from a day to 3,650 days.</summary>
    /// <value>The default is 400 days: a year and the month it is compared with.</value>
    public TimeSpan Retention { get; set; } = SpendLedgerDefaults.Retention;

    /// <summary>How many single requests are kept in memory, the latest.</summary>
    /// <value>The default is 10,000.</value>
    [Range(0, 10_000_000)]
    public int MaxRows { get; set; } = SpendLedgerDefaults.MaxRows;

    /// <summary>
    /// How long what a finished run or an idle session has spent is remembered for its limits. They never reset, so that this is when they are forgotten. From an hour to 3,650 days.
    /// </summary>
    /// <value>The default is 30 days, as long as sessions are kept.</value>
    public TimeSpan IdleRetention { get; set; } = SpendLedgerDefaults.IdleRetention;

    /// <summary>
    /// How often reservations are looked for whose process died, at most a day: by the host, or where none does it by the ledger in memory, a few at each reservation.
    /// </summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan SweepInterval { get; set; } = SpendLedgerDefaults.SweepInterval;
}
