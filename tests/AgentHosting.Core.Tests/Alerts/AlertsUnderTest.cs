using AgentHosting.Alerts;
using AgentHosting.Alerts.Internal;
using AgentHosting.Core.Tests.ResponseCaching;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Alerts;

/// <summary>A dispatcher with handlers of the test's, a clock that stands and a log that is read.</summary>
internal sealed class AlertsUnderTest : IDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly FakeLogger _logger = new();

    public AlertsUnderTest(IEnumerable<ISpendAlertHandler> handlers, SpendAlertsOptions? options = null)
    {
        Alerts = new MetricCollector<long>(_meters, "AgentHosting", "agenthosting.spend.alerts");
        Undelivered = new MetricCollector<long>(_meters, "AgentHosting", "agenthosting.spend.alerts.undelivered");
        Dispatcher = new SpendAlertDispatcher(() => handlers, options ?? new SpendAlertsOptions(), Clock, _logger, new SpendAlertMetrics(_meters));
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    public MetricCollector<long> Alerts { get; }

    public MetricCollector<long> Undelivered { get; }

    public SpendAlertDispatcher Dispatcher { get; }

    public IReadOnlyList<FakeLogRecord> Logs => _logger.Collector.GetSnapshot();

    public IEnumerable<object?> Reasons => Undelivered.GetMeasurementSnapshot().Select(static one => one.Tags["agenthosting.spend.alert.reason"]);

    public void Raise(int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            Dispatcher.Tell([Crossing(i)], []);
        }
    }

    public Task StopAsync() => Dispatcher.StopAsync(TestContext.Current.CancellationToken);

    public bool HasLogged(LogLevel level, string text) => Logs.Any(log => log.Level == level && log.Message.Contains(text, StringComparison.Ordinal));

    public static SpendCrossing Crossing(int number = 0, double ratio = 0.8) => new()
    {
        Limit = new SpendLimit { Scope = SpendScope.User, Window = SpendWindow.Day(), MaxCostNanos = 5_000_000_000, AlertRatios = [ratio] },
        ScopeId = $"ann {number}",
        TenantId = "acme",
        Unit = SpendUnit.Cost,
        Ratio = ratio,
        Cap = 5_000_000_000,
        Settled = 4_100_000_000,
        Period = 7,
        ResetsAt = new DateTimeOffset(2026, 3, 11, 0, 0, 0, TimeSpan.Zero),
        At = new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero),
    };

    public void Dispose()
    {
        Dispatcher.Dispose();
        Alerts.Dispose();
        Undelivered.Dispose();
        _meters.Dispose();
    }
}
