using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <summary>What the store has said of a run so far.</summary>
internal sealed class ObservedRun(string id)
{
    public string Id { get; } = id;

    /// <summary>The last snapshot; <see langword="null"/> once it is gone.</summary>
    public AgentRun? Snapshot { get; set; }

    /// <summary>The snapshot before that one.</summary>
    public AgentRun? Earlier { get; set; }

    public List<AgentRunEvent> Events { get; } = [];

    public bool IsTerminalPage { get; set; }

    /// <summary>The model's revision with which the last snapshot was found to agree.</summary>
    public int Revision { get; set; } = -1;
}
