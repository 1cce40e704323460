namespace AgentHosting.Runs;

/// <summary>What became of the wish to erase a session.</summary>
public enum SessionDeleteOutcome
{
    /// <summary>It is gone.</summary>
    Deleted = 0,

    /// <summary>The owner has no such session.</summary>
    NotFound = 1,

    /// <summary>It has a run that is not done. Cancel that first.</summary>
    Busy = 2,
}
