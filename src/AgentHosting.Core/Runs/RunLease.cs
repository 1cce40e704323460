namespace AgentHosting.Runs;

/// <summary>A worker's timed claim on a run. Every write of an attempt is fenced by its token.</summary>
public sealed class RunLease
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The number of the claim. It repeats after a failover to a replica that lags, so it does not fence alone.</summary>
    public required long Epoch { get; init; }

    /// <summary>The worker.</summary>
    public required string WorkerId { get; init; }

    /// <summary>A random word, new for every claim.</summary>
    public required string Nonce { get; init; }

    /// <summary>The attempt that the lease stands for, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>What fences: <c>epoch:worker:nonce</c>.</summary>
    public string Token => field ??= string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Epoch}:{WorkerId}:{Nonce}");
}
