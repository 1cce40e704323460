using System.Collections.Concurrent;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>How soon each model has answered of late, and how many calls it has in flight.</summary>
internal sealed class LatencyTracker(TimeProvider timeProvider, TimeSpan halfLife)
{
    // In shadow mode the name may come from outside: past this many, all others share one.
    private const int MaxModels = 1000;
    private readonly ConcurrentDictionary<string, ModelLatency> _models = new(StringComparer.Ordinal);
    private readonly ModelLatency _others = new(timeProvider, halfLife);

    public int Count => _models.Count;

    /// <summary>What a call to the model may be expected to wait. A model not measured, or not for long, is near 0, so it is tried.</summary>
    public double LoadOf(string model, bool isStreaming) =>
        _models.TryGetValue(model, out var latency) ? latency.LoadAt(timeProvider.GetTimestamp(), isStreaming) : 0;

    /// <summary>Notes that a call has begun. The result has to be disposed when it has ended, however it did.</summary>
    public LatencyProbe Start(string model, bool isStreaming) =>
        new(_models.TryGetValue(model, out var latency) ? latency : Add(model), timeProvider, isStreaming);

    private ModelLatency Add(string model) =>
        _models.Count >= MaxModels ? _others : _models.GetOrAdd(model, static (_, state) => new ModelLatency(state.timeProvider, state.halfLife), (timeProvider, halfLife));
}
