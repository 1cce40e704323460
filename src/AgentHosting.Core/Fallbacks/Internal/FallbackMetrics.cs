using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;
using AgentHosting.Failures;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>What the fallback counts: only what is out of the ordinary, so that a healthy call pays nothing.</summary>
internal sealed class FallbackMetrics
{
    private readonly Counter<long>? _switches;
    private readonly Counter<long>? _exhausted;
    private readonly Counter<long>? _hedges;

    public FallbackMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(AgentHostingDiagnostics.MeterName);
        _switches = meter?.CreateCounter<long>("agenthosting.fallback.switches", "{switch}", "Models that failed and were followed by another.");
        _exhausted = meter?.CreateCounter<long>("agenthosting.fallback.exhausted", "{request}", "Calls for which no model was left.");
        _hedges = meter?.CreateCounter<long>("agenthosting.fallback.hedges", "{hedge}", "Models started beside a slow one.");
    }

    public void Switched(string failedModel, ChatFailureKind kind) => _switches?.Add(
        1,
        new KeyValuePair<string, object?>(TagNames.Model, failedModel),
        new KeyValuePair<string, object?>(TagNames.FailureKind, kind.ToString()));

    public void Failed() => _exhausted?.Add(1, new KeyValuePair<string, object?>(TagNames.FallbackResult, "failed"));

    public void Degraded() => _exhausted?.Add(1, new KeyValuePair<string, object?>(TagNames.FallbackResult, "degraded"));

    public void HedgeWon(string model) => Hedged(model, "won");

    public void HedgeLost(string model) => Hedged(model, "lost");

    private void Hedged(string model, string result) => _hedges?.Add(
        1,
        new KeyValuePair<string, object?>(TagNames.Model, model),
        new KeyValuePair<string, object?>(TagNames.FallbackResult, result));
}
