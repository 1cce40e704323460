namespace AgentHosting.Runs;

/// <summary>What was erased of a user, and what is left.</summary>
public sealed class UserErasure
{
    /// <summary>Runs that were erased, with their journals and events.</summary>
    public int Runs { get; init; }

    /// <summary>Sessions that were erased.</summary>
    public int Sessions { get; init; }

    /// <summary>
    /// Runs that a worker holds, and that it has been asked to cancel, as far as they were looked at: they are erased once it has ended them, with their sessions. Call again.
    /// </summary>
    public int Running { get; init; }

    /// <summary>Whether nothing is left.</summary>
    public bool IsComplete { get; init; }
}
