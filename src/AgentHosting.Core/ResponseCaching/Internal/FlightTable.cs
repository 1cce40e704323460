using System.Collections.Concurrent;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The calls that are under way.</summary>
internal sealed class FlightTable
{
    private readonly ConcurrentDictionary<RequestKey, Flight> _flights = new(RequestKeyComparer.Instance);

    public int Count => _flights.Count;

    /// <summary>Joins the call for this key, or makes one.</summary>
    /// <param name="key">The request.</param>
    /// <param name="create">Makes a call that has the caller as its reader, and is not started yet.</param>
    /// <param name="state">What <paramref name="create"/> needs.</param>
    /// <param name="leads">Whether the caller made it.</param>
    public Flight JoinOrCreate<TState>(RequestKey key, Func<TState, Flight> create, TState state, out bool leads)
    {
        Flight? mine = null;
        while (true)
        {
            if (_flights.TryGetValue(key, out var current))
            {
                if (current.TryJoin())
                {
                    leads = false;
                    return current;
                }

                // It is on its way out of the table; not to wait for that.
                Remove(current);
                continue;
            }

            mine ??= create(state);
            if (_flights.TryAdd(key, mine))
            {
                leads = true;
                return mine;
            }
        }
    }

    public void Remove(Flight flight) => _flights.TryRemove(KeyValuePair.Create(flight.Key, flight));
}
