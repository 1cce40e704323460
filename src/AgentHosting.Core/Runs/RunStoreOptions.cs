using System.ComponentModel.DataAnnotations;

namespace AgentHosting.Runs;

/// <summary>How much a store keeps, and for how long. Configuration section <c>AgentHosting:Store</c>.</summary>
public class RunStoreOptions
{
    /// <summary>How long an ended run stays readable: record, steps and events. One that failed: see <see cref="DeadLetterRetention"/>.</summary>
    /// <value>The default is 1 hour.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long an idempotency key is remembered. It outlives its run.</summary>
    /// <value>The default is 24 hours.</value>
    public TimeSpan IdempotencyRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a session is kept after its last turn.</summary>
    /// <value>The default is 30 days.</value>
    public TimeSpan SessionRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many runs may be unfinished at once; more are refused.</summary>
    /// <value>The default is 100,000.</value>
    [Range(1, 1e9)]
    public int MaxUnfinishedRuns { get; set; } = 100_000;

    /// <summary>How long a failed run can be requeued: so long it is kept with its whole journal, unless it is requeued before.</summary>
    /// <value>The default is 7 days.</value>
    public TimeSpan DeadLetterRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many failed runs are kept that nobody has requeued; the oldest go first.</summary>
    /// <value>The default is 10,000.</value>
    [Range(1, 1e9)]
    public int MaxDeadLetters { get; set; } = 10_000;

    /// <summary>How many ended runs an in-memory store keeps, dead letters not counted; the oldest go first, before their retention ends.</summary>
    /// <value>The default is 10,000.</value>
    [Range(1, 1e9)]
    public int MaxRetainedRuns { get; set; } = 10_000;

    /// <summary>How many sessions an in-memory store keeps; those idle for longest go first.</summary>
    /// <value>The default is 100,000.</value>
    [Range(1, 1e9)]
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>How many idempotency keys an in-memory store keeps; the oldest go first.</summary>
    /// <value>The default is 1,000,000.</value>
    [Range(1, 1e9)]
    public int MaxIdempotencyKeys { get; set; } = 1_000_000;

    /// <summary>How many events of a run are kept; earlier ones are folded into a snapshot.</summary>
    /// <value>The default is 10,000.</value>
    [Range(16, 1e9)]
    public int MaxEventsPerRun { get; set; } = 10_000;

    /// <summary>How many runs of one tenant may execute at once over all workers.</summary>
    /// <value>The default is 0: no limit.</value>
    [Range(0, 1e9)]
    public int MaxRunningPerTenant { get; set; }
}
