using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.ContextWindows.Internal;

internal sealed class ContextWindowMetrics
{
    private readonly Counter<long>? _requests;
    private readonly Counter<long>? _savedTokens;

    public ContextWindowMetrics(IMeterFactory? meterFactory)
    {
        var meter = meterFactory?.Create(AgentHostingDiagnostics.MeterName);
        _requests = meter?.CreateCounter<long>("agenthosting.context_window.requests", "{request}", "Model calls by what the context window did about them.");
        _savedTokens = meter?.CreateCounter<long>("agenthosting.context_window.saved_tokens", "{token}", "Input tokens that were left out, as they were counted.");
    }

    public void Fitted(string model) => Count(model, "fitted");

    public void Exceeded(string model) => Count(model, "exceeded");

    public void Cut(string model, long savedTokens)
    {
        Count(model, "cut");
        _savedTokens?.Add(savedTokens, new KeyValuePair<string, object?>(TagNames.Model, model));
    }

    private void Count(string model, string result)
    {
        if (_requests is { Enabled: true } counter)
        {
            counter.Add(1, new KeyValuePair<string, object?>(TagNames.Model, model), new KeyValuePair<string, object?>(TagNames.ContextWindowResult, result));
        }
    }
}
