using AgentHosting.Diagnostics;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting.Alerts.Internal;

/// <summary>Logs and counts alerts and hands them to the handlers. All of it happens beside the call that raises one: it neither waits nor fails.</summary>
internal sealed partial class SpendAlertDispatcher : ISpendFindingListener, IHostedService, IDisposable
{
    private readonly Func<IEnumerable<ISpendAlertHandler>> _findHandlers;
    private readonly SpendAlertsOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SpendAlertMetrics _metrics;
    private readonly CancellationTokenSource _stopped = new();
    private readonly SpendAlertQueue _raised;
    private readonly Lock _gate = new();
    private readonly List<SpendAlertReceiver> _receivers = [];
    private SpendAlertReceiver[]? _handlers;

    /// <param name="findHandlers">Creates the handlers, once, with the first alert: they may need what needs the dispatcher.</param>
    /// <param name="options">The options.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="metrics">The metrics.</param>
    public SpendAlertDispatcher(
        Func<IEnumerable<ISpendAlertHandler>> findHandlers, SpendAlertsOptions options, TimeProvider timeProvider, ILogger logger, SpendAlertMetrics metrics)
    {
        _findHandlers = findHandlers;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _metrics = metrics;
        _raised = new SpendAlertQueue(options.QueueCapacity, DispatchAsync, Drop);
    }

    /// <summary>A dispatcher of the services that there are: without any, its alerts are those of one pipeline.</summary>
    public static SpendAlertDispatcher Create(StageServices services) => new(
        services.GetAll<ISpendAlertHandler>,
        services.Get<IOptions<SpendAlertsOptions>>()?.Value ?? new SpendAlertsOptions(),
        services.Time,
        services.Logger<SpendAlertDispatcher>(),
        new SpendAlertMetrics(services.Meters));

    public void Tell(IReadOnlyList<SpendCrossing> crossings, IReadOnlyList<SpendAnomaly> anomalies)
    {
        foreach (var alert in SpendAlertFactory.Of(crossings, anomalies))
        {
            Raise(alert);
        }
    }

    public void Raise(SpendAlert alert) => _raised.Add(alert);

    /// <summary>A receiver beside the handlers, which is told by its owner and waited for when the host stops.</summary>
    public SpendAlertReceiver CreateReceiver(ISpendAlertHandler handler)
    {
        var receiver = new SpendAlertReceiver(handler, _options, _timeProvider, _logger, _metrics, _stopped.Token);
        lock (_gate)
        {
            _receivers.Add(receiver);
        }

        return receiver;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.ShutdownTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // First what was raised, which fills the queues of the handlers.
            await _raised.EmptiedAsync().WaitAsync(either.Token);
            await Task.WhenAll(Receivers().Select(static receiver => receiver.Queue.EmptiedAsync())).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            LogNotDrained(_options.ShutdownTimeout);
        }

        _raised.Close();
        foreach (var receiver in Receivers())
        {
            receiver.Queue.Close();
        }

        await _stopped.CancelAsync();
    }

    public void Dispose() => _stopped.Dispose();

    private SpendAlertReceiver[] Receivers()
    {
        lock (_gate)
        {
            return [.. _receivers];
        }
    }

    private Task DispatchAsync(SpendAlert alert)
    {
        _metrics.Raised(alert);
        try
        {
            _handlers ??= CreateHandlers();
        }
        catch (Exception exception)
        {
            _metrics.Undelivered("failed");
            LogNoHandlers(exception, alert.Id);
        }

        foreach (var handler in _handlers ?? [])
        {
            handler.Queue.Add(alert);
        }

        LogRaised(alert.Message);
        return Task.CompletedTask;
    }

    private SpendAlertReceiver[] CreateHandlers()
    {
        ISpendAlertHandler[] handlers = [.. _findHandlers(), .. _options.OnAlert is { } callback ? [new SpendAlertCallback(callback)] : Array.Empty<ISpendAlertHandler>()];
        return [.. handlers.Select(CreateReceiver)];
    }

    private void Drop(SpendAlert alert)
    {
        _metrics.Undelivered("dropped");
        LogDropped(alert.Message);
    }

    [LoggerMessage(EventIds.SpendAlertRaised, LogLevel.Warning, "{Alert}", EventName = "SpendAlertRaised")]
    private partial void LogRaised(string alert);

    [LoggerMessage(EventIds.SpendAlertHandlersUnavailable, LogLevel.Error, "The handlers of alerts could not be created: none is told of alert {Id}. The next alert tries again.", EventName = "SpendAlertHandlersUnavailable")]
    private partial void LogNoHandlers(Exception exception, string id);

    [LoggerMessage(EventIds.SpendAlertDropped, LogLevel.Warning, "No handler is told of an alert, since too many wait or the host has stopped: {Alert}", EventName = "SpendAlertDropped")]
    private partial void LogDropped(string alert);

    [LoggerMessage(EventIds.SpendAlertsNotDrained, LogLevel.Warning, "Alerts were still waiting after {Timeout} when the host stopped.", EventName = "SpendAlertsNotDrained")]
    private partial void LogNotDrained(TimeSpan timeout);
}
