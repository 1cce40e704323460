using AgentHosting.Failures;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.CircuitBreakers.Internal;

internal sealed partial class CircuitBreakerChatClient
{
    private readonly ICircuitBreakerStore _store;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CircuitBreakerMetrics _metrics;
    private readonly CircuitSettings _settings;
    private readonly TimeSpan _rateLimitPause;
    private readonly TimeSpan _maxRateLimitPause;
    private readonly string? _key;
    private readonly Func<ChatFailure, bool> _shouldHandle;

    public CircuitBreakerChatClient(
        IChatClient innerClient,
        CircuitBreakerOptions options,
        ICircuitBreakerStore store,
        TimeProvider timeProvider,
        ILogger logger,
        CircuitBreakerMetrics metrics)
        : base(innerClient, PipelineStage.CircuitBreaker)
    {
        (_store, _timeProvider, _logger, _metrics) = (store, timeProvider, logger, metrics);
        _settings = new CircuitSettings
        {
            FailureRatio = options.FailureRatio,
            MinimumCalls = options.MinimumCalls,
            Window = options.Window,
            OpenDuration = options.OpenDuration,
            MaxOpenDuration = options.MaxOpenDuration,
            SuccessesToClose = options.SuccessesToClose,
            ProbeLease = options.ProbeLease,
        };
        _rateLimitPause = options.RateLimitPause;
        _maxRateLimitPause = options.MaxRateLimitPause;
        _key = options.Key;
        _shouldHandle = options.ShouldHandle ?? (static failure => failure.IsHealthSignal);
    }

    private ValueTask<CircuitPermit?> EnterAsync(ChatOptions? options, CancellationToken cancellationToken)
    {
        var key = _key ?? ModelOf(options);
        ValueTask<CircuitDecision> decision;
        try
        {
            decision = _store.TryAcquireAsync(key, _settings, cancellationToken);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromException<CircuitPermit?>(exception);
        }
        catch (Exception exception)
        {
            LogStoreFailed(_logger, exception, key);
            return default;
        }

        if (!decision.IsCompletedSuccessfully)
        {
            return AwaitAsync(decision, key, cancellationToken);
        }

        var result = decision.Result;
        return result.IsAllowed ? new ValueTask<CircuitPermit?>(Admit(result, key)) : ValueTask.FromException<CircuitPermit?>(Refusal(result, key));
    }

    private async ValueTask<CircuitPermit?> AwaitAsync(ValueTask<CircuitDecision> pending, string key, CancellationToken cancellationToken)
    {
        CircuitDecision decision;
        try
        {
            decision = await pending;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A store that is down must not take the models down with it.
            LogStoreFailed(_logger, exception, key);
            return null;
        }

        return decision.IsAllowed ? Admit(decision, key) : throw Refusal(decision, key);
    }

    private CircuitOpenException Refusal(in CircuitDecision decision, string key)
    {
        _metrics.Refused(key);
        return new CircuitOpenException(
            $"The circuit of model '{key}' is open: its calls failed, or its provider asks for a pause. Wait {decision.RetryAfter}, or add a fallback with UseFallback.")
        {
            Model = key,
            RetryAfter = decision.RetryAfter,
        };
    }

    private CircuitPermit Admit(in CircuitDecision decision, string key)
    {

        if (decision.Permit.IsProbe)
        {
            _metrics.Probed(key);
            LogProbed(_logger, key);
        }

        return decision.Permit;
    }

    private ValueTask FailAsync(CircuitPermit? permit, Exception exception, CancellationToken cancellationToken)
    {
        var (outcome, pause) = (CircuitOutcome.Neutral, TimeSpan.Zero);
        try
        {
            (outcome, pause) = Judge(exception, cancellationToken);
        }
        catch (Exception fault)
        {
            // The permit comes back, and the caller gets the error of the model, also when ShouldHandle throws.
            LogCallbackFailed(_logger, fault, permit?.Key);
        }

        return ReportAsync(permit, outcome, pause);
    }

    private (CircuitOutcome Outcome, TimeSpan Pause) Judge(Exception exception, CancellationToken cancellationToken)
    {
        // Whatever a cancelled call ends with, an aborted socket for one, is the caller's doing.
        if (cancellationToken.IsCancellationRequested)
        {
            return (CircuitOutcome.Neutral, TimeSpan.Zero);
        }

        var failure = ChatFailureClassifier.Classify(exception, _timeProvider, cancellationToken);
        return failure.Kind switch
        {
            ChatFailureKind.Cancelled or ChatFailureKind.Rejected => (CircuitOutcome.Neutral, TimeSpan.Zero),
            // A provider that limits its callers is well: it is left alone for as long as it asks, and no longer.
            ChatFailureKind.RateLimited => (CircuitOutcome.Neutral, Min(failure.RetryAfter ?? _rateLimitPause, _maxRateLimitPause)),
            _ => (_shouldHandle(failure) ? CircuitOutcome.Failure : CircuitOutcome.Neutral, TimeSpan.Zero),
        };
    }

    private ValueTask ReportAsync(CircuitPermit? given, CircuitOutcome outcome, TimeSpan pause)
    {
        if (given is not { } permit || (outcome == CircuitOutcome.Neutral && pause == TimeSpan.Zero && !permit.IsProbe))
        {
            return default;
        }

        ValueTask<CircuitReportResult> report;
        try
        {
            // Not the caller's token: a cancelled call gives its permit back too.
            report = _store.ReportAsync(permit, _settings, outcome, pause, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogStoreFailed(_logger, exception, permit.Key);
            return default;
        }

        return report.IsCompletedSuccessfully ? Note(permit.Key, report.Result) : AwaitAsync(report, permit.Key);
    }

    private async ValueTask AwaitAsync(ValueTask<CircuitReportResult> pending, string key)
    {
        try
        {
            await Note(key, await pending);
        }
        catch (Exception exception)
        {
            LogStoreFailed(_logger, exception, key);
        }
    }

    private ValueTask Note(string key, in CircuitReportResult result)
    {
        switch (result.Transition)
        {
            case CircuitTransition.Opened:
                _metrics.Opened(key);
                LogOpened(_logger, key, result.OpenFor);
                break;
            case CircuitTransition.Paused:
                _metrics.Paused(key);
                LogPaused(_logger, key, result.OpenFor);
                break;
            case CircuitTransition.Closed:
                _metrics.Closed(key);
                LogClosed(_logger, key);
                break;
            default:
                break;
        }

        return default;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
