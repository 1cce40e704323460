namespace AgentHosting.Runs;

/// <summary>What a caller asks for: one message to one agent.</summary>
public sealed class AgentRunRequest
{
    /// <summary>The highest priority.</summary>
    public const int MaxPriority = 9;

    /// <summary>The user's message. Not empty.</summary>
    public required string Message { get; init; }

    /// <summary>The agent's name.</summary>
    /// <value>The default is <see langword="null"/>: the host's default agent.</value>
    public string? Agent { get; init; }

    /// <summary>Who asks.</summary>
    /// <value>The default is <see cref="AgentIdentity.Anonymous"/>.</value>
    public AgentIdentity Identity { get; init; } = AgentIdentity.Anonymous;

    /// <summary>The conversation, scoped to its owner.</summary>
    /// <value>The default is <see langword="null"/>: the run stands alone.</value>
    public string? SessionId { get; init; }

    /// <summary>0 (default) to 9; within a tenant, runs of a higher priority are taken first.</summary>
    public int Priority { get; init; }

    /// <summary>How long to wait before the run may start.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan Delay { get; init; }

    /// <summary>What to do when the session is busy.</summary>
    /// <value>The default is <see cref="SessionBusyPolicy.Enqueue"/>.</value>
    public SessionBusyPolicy OnBusy { get; init; }

    /// <summary>
    /// Whether a run of the session that waits for an answer makes way: its open approvals are rejected and it goes on; one that waits for something else is cancelled, and what it
    /// said and did is kept. It goes with <see cref="SessionBusyPolicy.Enqueue"/> only.
    /// </summary>
    /// <value>The default is <see langword="false"/>: the submission is refused while a run of the session waits.</value>
    public bool Supersede { get; init; }

    /// <summary>Labels that are kept with the run.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>A key under which the same submission can be repeated safely; scoped to its owner.</summary>
    /// <value>The default is <see langword="null"/>: every submission is a new run.</value>
    public string? IdempotencyKey { get; init; }
}
