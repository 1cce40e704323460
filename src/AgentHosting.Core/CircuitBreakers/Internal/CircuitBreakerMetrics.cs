using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>What the breaker counts: only what is out of the ordinary, so that a healthy call pays nothing.</summary>
internal sealed class CircuitBreakerMetrics
{
    private readonly Counter<long>? _refusals;
    private readonly Counter<long>? _transitions;

    public CircuitBreakerMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(AgentHostingDiagnostics.MeterName);
        _refusals = meter?.CreateCounter<long>("agenthosting.circuit_breaker.refusals", "{request}", "Calls that an open circuit refused.");
        _transitions = meter?.CreateCounter<long>("agenthosting.circuit_breaker.transitions", "{transition}", "Changes of state of circuits.");
    }

    public void Refused(string model) => _refusals?.Add(1, new KeyValuePair<string, object?>(TagNames.Model, model));

    public void Opened(string model) => Transition(model, "open");

    public void Paused(string model) => Transition(model, "paused");

    public void Probed(string model) => Transition(model, "half_open");

    public void Closed(string model) => Transition(model, "closed");

    private void Transition(string model, string state) => _transitions?.Add(
        1,
        new KeyValuePair<string, object?>(TagNames.Model, model),
        new KeyValuePair<string, object?>(TagNames.CircuitState, state));
}
