namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Where an unfinished run is. It is always in exactly one place.</summary>
internal enum RunPlace
{
    /// <summary>On its way from one place to another, within one step of the store.</summary>
    None,

    /// <summary>In its tenant's queue.</summary>
    Ready,

    /// <summary>Waits for a time.</summary>
    Delayed,

    /// <summary>Waits for earlier runs of its session.</summary>
    Blocked,

    /// <summary>Waits for an answer from outside.</summary>
    Waiting,

    /// <summary>Leased by a worker.</summary>
    Running,

    /// <summary>Ended.</summary>
    Terminal,
}
