using System.Text;

namespace AgentHosting.Runs;

/// <summary>A validated run on its way into the store.</summary>
public sealed class RunSubmission
{
    /// <summary>The run's id, from <see cref="IRunStore.CreateRunId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The agent's name.</summary>
    public required string Agent { get; init; }

    /// <summary>The user's message.</summary>
    public required string Message { get; init; }

    /// <summary>Who asks.</summary>
    public required AgentIdentity Identity { get; init; }

    /// <summary>The conversation, if any. Sessions are scoped to the owner.</summary>
    public string? SessionId { get; init; }

    /// <summary>What to do when the session is busy.</summary>
    public SessionBusyPolicy OnBusy { get; init; }

    /// <summary>
    /// Whether no run before it in its session may wait for an answer: its open requests are answered with <see cref="RunWait.AnswerWhenSuperseded"/>, or it is cancelled
    /// where one of them has no such answer. Counts with <see cref="SessionBusyPolicy.Enqueue"/> only.
    /// </summary>
    public bool Supersede { get; init; }

    /// <summary>0 to 9.</summary>
    public int Priority { get; init; }

    /// <summary>How many runs of its tenant are claimed where one is claimed of a tenant of weight 1, as long as both have some that are ready. 1 to 1,000.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>How long to wait before the run may start.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long after its acceptance the run expires unless it is done.</summary>
    public required TimeSpan ExpireAfter { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The idempotency key, scoped to the owner.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>A hash over everything of the request but its owner: tells whether a repeated key means the same request.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the submitter.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What it counts against <see cref="RunStoreOptions.MaxUnfinishedBytes"/>: its message and labels as UTF-8.</summary>
    public long Size => Encoding.UTF8.GetByteCount(Message) + Metadata.Sum(static label => (long)Encoding.UTF8.GetByteCount(label.Key) + Encoding.UTF8.GetByteCount(label.Value));

    /// <summary>The submission of a run that is requeued: the same, due now, and under no idempotency key, which names the first run.</summary>
    internal RunSubmission Again(RunRequeue requeue) => new()
    {
        Id = requeue.NewRunId,
        Agent = Agent,
        Message = Message,
        Identity = Identity,
        SessionId = SessionId,
        OnBusy = OnBusy,
        Priority = Priority,
        Weight = Weight,
        ExpireAfter = requeue.ExpireAfter,
        Metadata = Metadata,
        TraceParent = TraceParent,
    };
}
