using System.Diagnostics.CodeAnalysis;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The open reservations: by their name, by the step that they serve, and by when their lease ends. Used under the ledger's lock.</summary>
/// <remarks>
/// What is closed or renewed stays in the queue until its turn comes and is passed over or put back then, so that neither costs a search. Once most of the queue is
/// closed it is made anew, which keeps it as long as twice the open ones.
/// </remarks>
internal sealed class SpendHolds
{
    private const int Slack = 64;
    private readonly Dictionary<string, SpendHold> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SpendHold>> _byStep = new(StringComparer.Ordinal);
    private readonly PriorityQueue<SpendHold, long> _byExpiry = new();

    /// <summary>For tests.</summary>
    public int Queued => _byExpiry.Count;

    public bool TryGet(string id, [NotNullWhen(true)] out SpendHold? hold) => _byId.TryGetValue(id, out hold);

    public void Add(SpendHold hold)
    {
        _byId.Add(hold.Reservation.Id, hold);
        _byExpiry.Enqueue(hold, hold.ExpiresAt);
        if (hold.Reservation.Step is { } step)
        {
            (_byStep.TryGetValue(step, out var holds) ? holds : _byStep[step] = []).Add(hold);
        }
    }

    public void Renew(SpendHold hold, DateTimeOffset expiresAt)
    {
        // A later end is found when the earlier one comes up; a sooner one would not be.
        var ticks = expiresAt.UtcTicks;
        if (ticks < hold.ExpiresAt)
        {
            _byExpiry.Enqueue(hold, ticks);
        }

        hold.ExpiresAt = ticks;
    }

    public void Remove(SpendHold hold) => Remove(hold.Reservation.Id, out _);

    public bool Remove(string id, [NotNullWhen(true)] out SpendHold? hold)
    {
        if (!_byId.Remove(id, out hold))
        {
            return false;
        }

        hold.IsOpen = false;
        if (hold.Reservation.Step is { } step && _byStep.TryGetValue(step, out var holds))
        {
            holds.Remove(hold);
            if (holds.Count == 0)
            {
                _byStep.Remove(step);
            }
        }

        if (_byExpiry.Count > (2 * _byId.Count) + Slack)
        {
            _byExpiry.Clear();
            foreach (var open in _byId.Values)
            {
                _byExpiry.Enqueue(open, open.ExpiresAt);
            }
        }

        return true;
    }

    /// <summary>What earlier attempts left open for a step.</summary>
    public IReadOnlyList<SpendHold> Predecessors(SpendReservation reservation) => reservation.Step is { } step && _byStep.TryGetValue(step, out var holds)
        ? Before(reservation.Attempt, holds)
        : Array.Empty<SpendHold>();

    /// <returns>The one whose lease has ended first; the same again until it is removed.</returns>
    public SpendHold? NextDue(DateTimeOffset now)
    {
        while (_byExpiry.TryPeek(out var hold, out var ticks) && ticks <= now.UtcTicks)
        {
            if (!hold.IsOpen)
            {
                _byExpiry.Dequeue();
            }
            else if (hold.ExpiresAt > ticks)
            {
                _byExpiry.DequeueEnqueue(hold, hold.ExpiresAt);
            }
            else
            {
                return hold;
            }
        }

        return null;
    }

    // A method of its own, so that what a request without a step asks allocates nothing.
    private static List<SpendHold> Before(int attempt, List<SpendHold> holds) => holds.FindAll(hold => hold.Reservation.Attempt < attempt);
}
