namespace AgentHosting.Runs;

/// <summary>A snapshot of a run.</summary>
public sealed class AgentRun
{
    /// <summary>The run's id, <c>run_PARTITION_UNIQUE</c>. On the wire it is the <c>task_id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The agent's name.</summary>
    public required string Agent { get; init; }

    /// <summary>Where the run stands.</summary>
    public required AgentRunStatus Status { get; init; }

    /// <summary>Who submitted it.</summary>
    public required AgentIdentity Identity { get; init; }

    /// <summary>The conversation, if any.</summary>
    public string? SessionId { get; init; }

    /// <summary>The user's message.</summary>
    public required string Message { get; init; }

    /// <summary>
    /// Why parts of the run, such as message and result, are empty or missing here: they cannot be unprotected by this process. Set in lists only, which one such run must not keep from being read;
    /// the run read by itself is a <see cref="PayloadProtection.PayloadProtectionException"/>.
    /// </summary>
    /// <value>The default is <see langword="null"/>: all of it can be read.</value>
    public string? Unreadable { get; init; }

    /// <summary>0 to 9.</summary>
    public int Priority { get; init; }

    /// <summary>Labels given at submission.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The final answer of a run that succeeded.</summary>
    public string? Result { get; init; }

    /// <summary>Why the run ended without a result.</summary>
    public AgentRunError? Error { get; init; }

    /// <summary>The steps so far, in order of completion, without their payloads. A requeued run has those of the run that it goes on from, marked as replayed.</summary>
    public IReadOnlyList<RunStep> Steps { get; init; } = [];

    /// <summary>What the run waits for, in the order in which it asked.</summary>
    public IReadOnlyList<RunWait> Waits { get; init; } = [];

    /// <summary>The approvals that were asked for and are not open any more: they were answered, or the run ended before. By them it is known who may ask what became of one.</summary>
    public IReadOnlyList<RunWait> ClosedApprovals { get; init; } = [];

    /// <summary>
    /// The first of the runs that were requeued one from another, this one the last so far; <see langword="null"/> for a run that was submitted. Tools get their idempotency keys from it.
    /// </summary>
    public string? OriginId { get; init; }

    /// <summary>The run that goes on from this one, which has failed; <see langword="null"/> where nobody has requeued it.</summary>
    public string? RequeuedAs { get; init; }

    /// <summary>The sum over all steps that the run has done itself.</summary>
    public AgentRunUsage Usage { get; init; } = AgentRunUsage.Zero;

    /// <summary>The sum over all steps that the run has done itself and whose cost is known.</summary>
    public decimal Cost { get; init; }

    /// <summary>How often a worker started it, attempts that were handed back at a shutdown or laid aside to wait not counted.</summary>
    public int Attempts { get; init; }

    /// <summary>How many attempts failed.</summary>
    public int Failures { get; init; }

    /// <summary>How many attempts ended because their worker lost the lease.</summary>
    public int Crashes { get; init; }

    /// <summary>Execution time of the attempts that have ended.</summary>
    public TimeSpan ElapsedInAttempts { get; init; }

    /// <summary>When it was accepted, by the store's clock.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first attempt started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it reached its terminal state.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When it expires unless it is done.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
