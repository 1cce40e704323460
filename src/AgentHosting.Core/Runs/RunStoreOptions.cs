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

    /// <summary>
    /// How many bytes the messages and journals of unfinished runs may take; while they take more, no run is accepted. Those that are accepted go on, so that it may be passed by what they still write.
    /// </summary>
    /// <value>At least 16 MiB, some of the largest messages. The default is 1 GiB.</value>
    [Range(16_777_216, 1e15)]
    public long MaxUnfinishedBytes { get; set; } = 1_073_741_824;

    /// <summary>How long a failed run can be requeued: so long it is kept with its whole journal, unless it is requeued before.</summary>
    /// <value>The default is 7 days.</value>
    public TimeSpan DeadLetterRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many failed runs are kept that nobody has requeued; the oldest go first.</summary>
    /// <value>The default is 10,000.</value>
    [Range(1, 1e9)]
    public int MaxDeadLetters { get; set; } = 10_000;

    /// <summary>How many ended runs are kept, dead letters not counted; the oldest go first, before their retention ends.</summary>
    /// <value>The default is 10,000.</value>
    [Range(1, 1e9)]
    public int MaxRetainedRuns { get; set; } = 10_000;

    /// <summary>How many sessions are kept; those idle for longest go first.</summary>
    /// <value>The default is 100,000.</value>
    [Range(1, 1e9)]
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>How many idempotency keys are kept; the oldest go first.</summary>
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

    /// <summary>
    /// Shares of tenants: of one with weight 3, three runs are claimed where one is claimed of a tenant with weight 1. Counts for runs that this host accepts from then on. The user is the tenant
    /// where a request names none.
    /// </summary>
    /// <value>1 to 1,000 by tenant. The default is empty: all have 1.</value>
    public IDictionary<string, int> TenantWeights { get; } = new Dictionary<string, int>(StringComparer.Ordinal);
}
