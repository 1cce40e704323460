using System.Collections.Concurrent;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>Which model each session was given. Bounded: two generations, of which the older is dropped when the younger is full.</summary>
internal sealed class SessionPins(int capacity)
{
    private readonly Lock _lock = new();
    private readonly int _generationSize = Math.Max(1, capacity / 2);
    private ConcurrentDictionary<(string? Tenant, string Session), ModelRouteTarget> _young = new();
    private ConcurrentDictionary<(string? Tenant, string Session), ModelRouteTarget> _old = new();

    public int Count => _young.Count + _old.Count;

    public ModelRouteTarget? Find((string? Tenant, string Session) session)
    {
        if (_young.TryGetValue(session, out var target))
        {
            return target;
        }

        if (_old.TryGetValue(session, out target))
        {
            Pin(session, target);
        }

        return target;
    }

    /// <summary>Pins a session to a model, unless another call has pinned it to a stronger one meanwhile.</summary>
    /// <param name="session">The session, and the tenant it belongs to.</param>
    /// <param name="target">The model.</param>
    /// <param name="replace">Whether a stronger pin gives way too.</param>
    public void Pin((string? Tenant, string Session) session, ModelRouteTarget target, bool replace = false)
    {
        lock (_lock)
        {
            var known = _young.TryGetValue(session, out var pinned);
            if (!known && _young.Count >= _generationSize)
            {
                _old = _young;
                _young = new();
            }

            _old.TryRemove(session, out _);
            if (!known || replace || pinned!.Tier < target.Tier)
            {
                _young[session] = target;
            }
        }
    }
}
