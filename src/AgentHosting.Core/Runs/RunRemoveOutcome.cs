namespace AgentHosting.Runs;

/// <summary>What became of the wish to remove a run.</summary>
public enum RunRemoveOutcome
{
    /// <summary>It is gone, with journal and events. What it said in its session stays.</summary>
    Removed = 0,

    /// <summary>There is no such run.</summary>
    NotFound = 1,

    /// <summary>It has not ended. Cancel it first.</summary>
    NotEnded = 2,
}
