using AgentHosting.Failures;

namespace AgentHosting.Retries;

/// <summary>What <see cref="RetryOptions.OnRetry"/> is told.</summary>
public sealed class RetryArguments
{
    /// <summary>The number of the attempt that failed, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Why it failed.</summary>
    public required ChatFailure Failure { get; init; }

    /// <summary>How long is waited before the next one.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The caller's token.</summary>
    public required CancellationToken CancellationToken { get; init; }
}
