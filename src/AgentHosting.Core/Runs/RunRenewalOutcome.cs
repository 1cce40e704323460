namespace AgentHosting.Runs;

/// <summary>The state of a lease after a renewal.</summary>
public enum RunRenewalOutcome
{
    /// <summary>Held, for another lease duration.</summary>
    Held = 0,

    /// <summary>Held, and somebody asks for the run to be cancelled.</summary>
    CancelRequested = 1,

    /// <summary>Held, and the run's time is up.</summary>
    Expired = 2,

    /// <summary>Lost.</summary>
    Lost = 3,

    /// <summary>Not known: the part of the store that keeps the run cannot be asked. Others of the same call were renewed.</summary>
    Unknown = 4,
}
