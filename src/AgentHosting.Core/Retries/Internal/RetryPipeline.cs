using Polly;
using Polly.Retry;

namespace AgentHosting.Retries.Internal;

/// <summary>Polly's retry, told by our decision on each failure.</summary>
internal static class RetryPipeline
{
    public static ResiliencePipeline Create(ResiliencePropertyKey<RetryCall?> key, int maxRetries, TimeProvider timeProvider) =>
        new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                // The number of attempts is part of the decision; this bound holds whatever becomes of that. Polly takes no 0.
                MaxRetryAttempts = Math.Max(1, maxRetries),
                ShouldHandle = args => new ValueTask<bool>(
                    args.Outcome.Exception is not null && args.Context.Properties.GetValue(key, null) is { Result: RetryResult.Retried }),
                DelayGenerator = args => new ValueTask<TimeSpan?>(args.Context.Properties.GetValue(key, null)!.Delay),
            })
            .Build();
}
