using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.Alerts.Internal;

internal sealed class SpendAlertMetrics
{
    private readonly Counter<long>? _alerts;
    private readonly Counter<long>? _undelivered;

    public SpendAlertMetrics(IMeterFactory? meterFactory)
    {
        var meter = meterFactory?.Create(AgentHostingDiagnostics.MeterName);
        _alerts = meter?.CreateCounter<long>("agenthosting.spend.alerts", "{alert}", "Alerts about spend.");
        _undelivered = meter?.CreateCounter<long>("agenthosting.spend.alerts.undelivered", "{alert}", "Alerts that a handler was not told of, or did not handle.");
    }

    public void Raised(SpendAlert alert)
    {
        if (_alerts is { Enabled: true } counter)
        {
            counter.Add(
                1,
                new KeyValuePair<string, object?>(TagNames.SpendAlertKind, NameOf(alert.Kind)),
                new KeyValuePair<string, object?>(TagNames.SpendScope, alert.Scope.ToString()),
                new KeyValuePair<string, object?>(TagNames.SpendAlertRatio, alert.Ratio));
        }
    }

    public void Undelivered(string reason) => _undelivered?.Add(1, new KeyValuePair<string, object?>(TagNames.SpendAlertReason, reason));

    private static string NameOf(SpendAlertKind kind) => kind switch
    {
        SpendAlertKind.Threshold => "threshold",
        SpendAlertKind.Anomaly => "anomaly",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Use one of the named kinds."),
    };
}
