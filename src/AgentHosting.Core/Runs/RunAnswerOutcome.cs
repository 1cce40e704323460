namespace AgentHosting.Runs;

/// <summary>What became of an answer to an open wait.</summary>
public enum RunAnswerOutcome
{
    /// <summary>It is in the journal.</summary>
    Accepted = 0,

    /// <summary>The same came before. Nothing was changed.</summary>
    Repeated = 1,

    /// <summary>Another decision came before, or the time was up. It holds.</summary>
    Conflict = 2,

    /// <summary>There is no such run, or it never asked.</summary>
    NotFound = 3,

    /// <summary>The run has ended without an answer.</summary>
    Ended = 4,
}
