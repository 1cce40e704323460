namespace AgentHosting.Runs;

/// <summary>The load of a store.</summary>
public sealed class RunStoreStatistics
{
    /// <summary>Runs that could start now, delayed ones that are due included.</summary>
    public required long Ready { get; init; }

    /// <summary>Runs that wait for their delay or for their session.</summary>
    public required long Blocked { get; init; }

    /// <summary>Runs that wait for an answer.</summary>
    public required long Waiting { get; init; }

    /// <summary>Runs that a worker executes.</summary>
    public required long Running { get; init; }

    /// <summary>Ended runs that are still kept, dead letters included.</summary>
    public required long Retained { get; init; }

    /// <summary>Failed runs that are kept to be requeued.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>Bytes of the messages and journals of runs that are not done, as <see cref="RunStoreOptions.MaxUnfinishedBytes"/> counts them; of what is protected, as it is stored.</summary>
    public required long UnfinishedBytes { get; init; }

    /// <summary>How long the oldest ready run has waited; zero without one. With <see cref="Ready"/>, the signal to scale workers by.</summary>
    public required TimeSpan OldestReadyAge { get; init; }
}
