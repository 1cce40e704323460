using Polly;
using Polly.Retry;

namespace AgentHosting.Retries.Internal;

/// <summary>Polly's retry, told by our decision on each failure.</summary>
internal static class RetryPipeline
{
    public static ResiliencePipeline Create(ResiliencePropertyKey<RetryCall?> key, Func<RetryArguments, ValueTask>? onRetry, TimeProvider timeProvider) =>
        new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                // The number of attempts is part of the decision.
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = args => new ValueTask<bool>(
                    args.Outcome.Exception is not null && args.Context.Properties.GetValue(key, null) is { Result: RetryResult.Retried }),
                DelayGenerator = args => new ValueTask<TimeSpan?>(args.Context.Properties.GetValue(key, null)!.Delay),
                OnRetry = onRetry is null ? null : args => TellAsync(args.Context, args.Context.Properties.GetValue(key, null)!, onRetry),
            })
            .Build();

    private static ValueTask TellAsync(ResilienceContext context, RetryCall call, Func<RetryArguments, ValueTask> onRetry) =>
        onRetry(new RetryArguments
        {
            Attempt = call.Attempts,
            Failure = call.Failure!,
            Delay = call.Delay,
            Model = call.Model,
            CancellationToken = context.CancellationToken,
        });
}
