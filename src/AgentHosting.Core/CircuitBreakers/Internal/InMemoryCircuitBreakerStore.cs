using System.Collections.Concurrent;

namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>The circuits of one process.</summary>
internal sealed class InMemoryCircuitBreakerStore(TimeProvider timeProvider) : ICircuitBreakerStore
{
    // A model's name may come from a request, so the number of circuits has to have a bound.
    internal const int MaxCircuits = 1024;

    private readonly ConcurrentDictionary<string, Circuit> _circuits = new(StringComparer.Ordinal);
    private readonly long _start = timeProvider.GetTimestamp();
    private long _generations;

    internal int Count => _circuits.Count;

    public ValueTask<CircuitDecision> TryAcquireAsync(string key, CircuitSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(settings);
        var circuit = _circuits.TryGetValue(key, out var found) ? found : Add(key);
        return new ValueTask<CircuitDecision>(circuit.TryAcquire(settings, Now(), ref _generations));
    }

    public ValueTask<CircuitReportResult> ReportAsync(
        CircuitPermit permit, CircuitSettings settings, CircuitOutcome outcome, TimeSpan pauseFor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ValueTask<CircuitReportResult>(
            _circuits.TryGetValue(permit.Key, out var circuit)
                ? circuit.Report(permit, settings, outcome, pauseFor.Ticks, Now(), ref _generations)
                : default);
    }

    public ValueTask<CircuitStatus> GetAsync(string key, CircuitSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(settings);
        var circuit = _circuits.TryGetValue(key, out var found) ? found : new Circuit(key, generation: 0);
        return new ValueTask<CircuitStatus>(circuit.Status(settings, Now()));
    }

    private Circuit Add(string key)
    {
        while (_circuits.Count >= MaxCircuits)
        {
            // The circuit that was not used for the longest time says least about now. Permits of it find nothing to change when they come back.
            _circuits.TryRemove(_circuits.MinBy(static entry => entry.Value.LastUse));
        }

        return _circuits.GetOrAdd(key, new Circuit(key, Interlocked.Increment(ref _generations)));
    }

    // Timestamps, and not the time of day: a clock that is set back must not keep a circuit open.
    private long Now() => timeProvider.GetElapsedTime(_start).Ticks;
}
