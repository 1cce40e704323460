using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.Guardrails.Internal;

internal sealed class InputGuardMetrics
{
    private readonly Counter<long>? _rejections;
    private readonly Counter<long>? _suspicions;

    public InputGuardMetrics(IMeterFactory? meterFactory)
    {
        var meter = meterFactory?.Create(AgentHostingDiagnostics.MeterName);
        _rejections = meter?.CreateCounter<long>("agenthosting.input_guard.rejections", "{request}", "Requests that the input guard refused, by reason.");
        _suspicions = meter?.CreateCounter<long>("agenthosting.input_guard.suspicions", "{request}", "Requests that looked like prompt injection and were let through.");
    }

    public void Rejected(string reason) => _rejections?.Add(1, new KeyValuePair<string, object?>(TagNames.GuardReason, reason));

    public void Suspected() => _suspicions?.Add(1);
}
