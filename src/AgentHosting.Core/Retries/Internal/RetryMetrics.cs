using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using AgentHosting.Failures.Internal;

namespace AgentHosting.Retries.Internal;

internal sealed class RetryMetrics
{
    private readonly Counter<long>? _failures;

    public RetryMetrics(IMeterFactory? meterFactory) => _failures = meterFactory?.Create(AgentHostingDiagnostics.MeterName).CreateCounter<long>(
        "agenthosting.retry.failed_attempts", "{attempt}", "Failed attempts of model calls, by what was decided about them.");

    public void Decided(string model, ChatFailureKind kind, RetryResult result)
    {
        if (_failures is { Enabled: true } counter)
        {
            counter.Add(
                1,
                new KeyValuePair<string, object?>(TagNames.Model, model),
                new KeyValuePair<string, object?>(TagNames.FailureKind, FailureKindNames.Of(kind)),
                new KeyValuePair<string, object?>(TagNames.RetryResult, NameOf(result)));
        }
    }

    private static string NameOf(RetryResult result) => result switch
    {
        RetryResult.Retried => "retried",
        RetryResult.NotRetryable => "not_retryable",
        RetryResult.Exhausted => "exhausted",
        RetryResult.RetryAfterTooLong => "retry_after_too_long",
        RetryResult.OutOfTime => "out_of_time",
        RetryResult.CallbackFailed => "callback_failed",
        _ => "budget_empty",
    };
}
