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

        return _old.TryGetValue(session, out target) ? Pin(session, target, mayRise: false) : null;
    }

    /// <summary>Pins a session to a model, unless another call has pinned it meanwhile: the pin that stands holds, for all callers are to go to one model.</summary>
    /// <param name="session">The session, and the tenant it belongs to.</param>
    /// <param name="target">The model.</param>
    /// <param name="outgrown">The pin that gives way in any case.</param>
    /// <param name="mayRise">Whether a pin gives way to a stronger model.</param>
    /// <returns>The pin that stands now.</returns>
    public ModelRouteTarget Pin((string? Tenant, string Session) session, ModelRouteTarget target, ModelRouteTarget? outgrown = null, bool mayRise = true)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(session, out var standing) || _old.TryRemove(session, out standing))
            {
                target = standing == outgrown || (mayRise && standing.Tier < target.Tier) ? target : standing;
            }

            if (!_young.ContainsKey(session) && _young.Count >= _generationSize)
            {
                _old = _young;
                _young = new();
            }

            _young[session] = target;
            return target;
        }
    }
}
