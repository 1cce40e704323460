namespace AgentHosting.Runs;

/// <summary>What became of an answer to an open wait, or of an event from outside.</summary>
public enum RunAnswerOutcome
{
    /// <summary>It is in the journal, or kept until the run asks for it.</summary>
    Accepted = 0,

    /// <summary>The same came before. Nothing was changed.</summary>
    Repeated = 1,

    /// <summary>Another decision came before, or the time was up. It holds.</summary>
    Conflict = 2,

    /// <summary>There is no such run, or it never asked.</summary>
    NotFound = 3,

    /// <summary>The run has ended without an answer.</summary>
    Ended = 4,

    /// <summary>The run keeps as many events that it has not asked for as it may.</summary>
    Full = 5,
}
