using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Load;

/// <summary>A run that is submitted, and what became of it.</summary>
internal sealed class CrashSubmission
{
    public required CrashPlan Plan { get; init; }

    public required AgentRunRequest Request { get; init; }

    /// <summary>How many times it is submitted at once under its key.</summary>
    public required int Times { get; init; }

    /// <summary>The runs before it in its conversation, in the order in which they were accepted.</summary>
    public IReadOnlyList<CrashSubmission> Before { get; init; } = [];

    /// <summary>The ids that submitting it was answered with. Several are a broken promise.</summary>
    public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);

    /// <summary>When each id was first told.</summary>
    public Dictionary<string, DateTimeOffset> AcknowledgedAt { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs that were accepted and are gone; the submission was made again.</summary>
    public List<string> Lost { get; } = [];

    public string? RunId => Ids.FirstOrDefault();

    public bool IsEnded { get; set; }

    /// <summary>How the run is to end.</summary>
    public AgentRunStatus End { get; init; } = AgentRunStatus.Succeeded;

    public void Acknowledge(string id)
    {
        lock (AcknowledgedAt)
        {
            Ids.Add(id);
            AcknowledgedAt.TryAdd(id, TimeProvider.System.GetUtcNow());
        }
    }

    public void Lose(string id)
    {
        Ids.Remove(id);
        Lost.Add(id);
    }
}
