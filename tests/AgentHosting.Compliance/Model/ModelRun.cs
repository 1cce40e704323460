using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <summary>A run as the model knows it: facts only. Where it stands follows from them.</summary>
internal sealed class ModelRun(RunSubmission submission, DateTimeOffset now)
{
    public RunSubmission Submission { get; } = submission;

    public string Id => Submission.Id;

    public string Tenant { get; } = submission.Identity.TenantId ?? submission.Identity.UserId;

    public AgentRunStatus Status { get; set; }

    public bool IsEnded => Status.IsTerminal();

    public DateTimeOffset CreatedAt { get; } = now;

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? CompletedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; } = now + submission.ExpireAfter;

    public DateTimeOffset NotBefore { get; set; } = now + submission.Delay;

    /// <summary>Since when nothing but its delay has kept it from being ready.</summary>
    public DateTimeOffset QueuedSince { get; set; } = now;

    public DateTimeOffset RemoveAt { get; set; }

    public ModelSession? Session { get; set; }

    public RunLease? Lease { get; set; }

    public DateTimeOffset LeaseEnd { get; set; }

    public DateTimeOffset AttemptStartedAt { get; set; }

    public DateTimeOffset WaitingSince { get; set; }

    public int Claims { get; set; }

    public int Attempts { get; set; }

    public int Failures { get; set; }

    public int Crashes { get; set; }

    public bool IsSuspect => Crashes >= RunClaimRequest.SuspectCrashes;

    public TimeSpan Elapsed { get; set; }

    public decimal Cost { get; set; }

    public long Tokens { get; set; }

    public long LastBatch { get; set; }

    public bool IsCancelRequested { get; set; }

    public bool HasNewAnswer { get; set; }

    public string? CompletedToken { get; set; }

    public string? ReleasedToken { get; set; }

    public string? Result { get; set; }

    public AgentRunError? Error { get; set; }

    public string? OriginId { get; init; }

    public string? Replaces { get; init; }

    public string? RequeuedAs { get; set; }

    public string? EffectStep { get; set; }

    public int JournalVersion { get; set; } = 1;

    public long Bytes => SizeOf(Submission) + Steps.Sum(static entry => (long)entry.Step.Payload.Length);

    public int Version => Math.Max(JournalVersion, Session?.Version ?? 1);

    /// <summary>The journal, each step with the number of the claim that wrote it.</summary>
    public List<(RunStep Step, int Claim)> Steps { get; } = [];

    public HashSet<string> Begun { get; } = new(StringComparer.Ordinal);

    /// <summary>Those of them that attempts before the current one left.</summary>
    public HashSet<string> BegunBefore { get; } = new(StringComparer.Ordinal);

    public List<AgentRunEvent> Events { get; } = [];

    public List<RunWait> Open { get; } = [];

    public List<string> LeftOpen { get; } = [];

    public Dictionary<string, string> Decisions { get; } = new(StringComparer.Ordinal);

    public List<RunSignal> Kept { get; } = [];

    public HashSet<string> Raised { get; } = new(StringComparer.Ordinal);

    /// <summary>Grows with every change that a reader can see, so that what did not change need not be compared again.</summary>
    public int Revision { get; set; }

    public RunStep? Find(string key) => Steps.Find(entry => entry.Step.Key == key).Step;

    /// <returns>Whether the key was free.</returns>
    public bool Write(RunStep step)
    {
        if (Find(step.Key) is not null)
        {
            return false;
        }

        Steps.Add((step, Claims));
        Begun.Remove(step.Key);
        EffectStep ??= step.HasEffects ? step.Key : null;
        JournalVersion = Math.Max(JournalVersion, step.Version);
        Cost += step.Cost ?? 0;
        Tokens += step.Usage?.TotalTokens ?? 0;
        Revision++;
        return true;
    }

    public void Tell(AgentRunEvent runEvent, DateTimeOffset at)
    {
        Events.Add(runEvent.Numbered(Events.Count + 1, at));
        Revision++;
        if (runEvent.Step is not { } step)
        {
            return;
        }

        EffectStep ??= runEvent.HasEffects ? step : null;
        if (runEvent.Type is AgentRunEventTypes.StepStarted or AgentRunEventTypes.StepRestarted or AgentRunEventTypes.TextDelta or AgentRunEventTypes.ReasoningDelta
            && Find(step) is null)
        {
            Begun.Add(step);
        }
    }

    /// <summary>What watchers saw of the steps that are not done, since each last began.</summary>
    public string? PartialText()
    {
        var parts = new List<(int Place, string Text)>();
        foreach (var step in Events.Select(static told => told.Step).OfType<string>().Distinct().Where(step => Find(step) is null))
        {
            var begun = Events.FindLastIndex(told => told.Step == step && told.Type is AgentRunEventTypes.StepStarted or AgentRunEventTypes.StepRestarted);
            var deltas = Events.Skip(begun + 1).Where(told => told.Step == step && told.Type == AgentRunEventTypes.TextDelta).ToList();
            if (deltas.Count > 0)
            {
                parts.Add(((int)deltas[0].Sequence, string.Concat(deltas.Select(static told => told.Text))));
            }
        }

        return parts.Count == 0 ? null : string.Concat(parts.OrderBy(static part => part.Place).Select(static part => part.Text));
    }

    public static long SizeOf(RunSubmission submission) =>
        string.Concat([submission.Message, .. submission.Metadata.SelectMany(static label => new[] { label.Key, label.Value })]).Sum(static character => character < 128 ? 1L : throw new NotSupportedException("ASCII only."));
}
