using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.Timeouts.Internal;

internal sealed class TimeoutMetrics
{
    private readonly Counter<long>? _timeouts;

    public TimeoutMetrics(IMeterFactory? meterFactory) => _timeouts = meterFactory?.Create(AgentHostingDiagnostics.MeterName).CreateCounter<long>(
        "agenthosting.timeout.timeouts", "{timeout}", "Model calls that passed a time limit, by limit.");

    public void TimedOut(string model, string limit) => _timeouts?.Add(
        1, new KeyValuePair<string, object?>(TagNames.Model, model), new KeyValuePair<string, object?>(TagNames.TimeoutLimit, limit));
}
