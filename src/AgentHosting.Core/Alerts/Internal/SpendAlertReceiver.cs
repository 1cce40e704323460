using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Alerts.Internal;

/// <summary>A handler with its queue: its failures and its hanging stay its own.</summary>
internal sealed partial class SpendAlertReceiver
{
    private readonly ISpendAlertHandler _handler;
    private readonly SpendAlertsOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SpendAlertMetrics _metrics;
    private readonly CancellationToken _stopped;

    public SpendAlertReceiver(
        ISpendAlertHandler handler, SpendAlertsOptions options, TimeProvider timeProvider, ILogger logger, SpendAlertMetrics metrics, CancellationToken stopped)
    {
        _handler = handler;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _metrics = metrics;
        _stopped = stopped;
        Queue = new SpendAlertQueue(options.QueueCapacity, HandleAsync, Drop);
    }

    public SpendAlertQueue Queue { get; }

    private string Name => _handler is SpendAlertCallback ? nameof(SpendAlertsOptions.OnAlert) : _handler.GetType().Name;

    private async Task HandleAsync(SpendAlert alert)
    {
        var cancellation = new CancellationTokenSource();
        // On a thread of its own, so that one that blocks is left alone too.
        var work = Task.Run(() => _handler.HandleAsync(alert, cancellation.Token).AsTask(), CancellationToken.None);
        try
        {
            await work.WaitAsync(_options.HandlerTimeout, _timeProvider, _stopped);
            cancellation.Dispose();
            return;
        }
        catch (TimeoutException) when (!work.IsCompleted)
        {
            _metrics.Undelivered("timed_out");
            LogTimedOut(Name, alert.Id, _options.HandlerTimeout);
        }
        catch (OperationCanceledException) when (!work.IsCompleted)
        {
            Drop(alert);
        }
        catch (Exception exception)
        {
            _metrics.Undelivered("failed");
            LogFailed(exception, Name, alert.Id);
            return;
        }

        try
        {
            await cancellation.CancelAsync();
        }
        catch (AggregateException exception)
        {
            LogFailed(exception, Name, alert.Id);
        }
    }

    private void Drop(SpendAlert alert)
    {
        _metrics.Undelivered("dropped");
        LogDropped(Name, alert.Id, alert.Message);
    }

    [LoggerMessage(EventIds.SpendAlertHandlerFailed, LogLevel.Error, "Handler {Handler} failed on alert {Id}.", EventName = "SpendAlertHandlerFailed")]
    private partial void LogFailed(Exception exception, string handler, string id);

    [LoggerMessage(EventIds.SpendAlertHandlerTimedOut, LogLevel.Error, "Handler {Handler} did not handle alert {Id} within {Timeout} and is left alone.", EventName = "SpendAlertHandlerTimedOut")]
    private partial void LogTimedOut(string handler, string id, TimeSpan timeout);

    [LoggerMessage(EventIds.SpendAlertDropped, LogLevel.Warning, "Handler {Handler} is not told of alert {Id}, since too many wait or the host stops: {Message}", EventName = "SpendAlertDropped")]
    private partial void LogDropped(string handler, string id, string message);
}
