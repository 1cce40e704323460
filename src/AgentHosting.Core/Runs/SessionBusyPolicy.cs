namespace AgentHosting.Runs;

/// <summary>What happens to a run whose session has another run that is not done.</summary>
public enum SessionBusyPolicy
{
    /// <summary>It waits for its turn; runs of a session keep the order in which they were submitted. Behind a run that waits for an answer it is refused.</summary>
    Enqueue = 0,

    /// <summary>It is refused.</summary>
    Reject = 1,
}
