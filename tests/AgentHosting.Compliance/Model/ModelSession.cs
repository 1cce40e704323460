using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <summary>A conversation as the model knows it.</summary>
internal sealed class ModelSession(AgentIdentity owner, string id)
{
    public AgentIdentity Owner { get; } = owner;

    public string Id { get; } = id;

    public List<SessionTurn> Turns { get; } = [];

    public int Version { get; private set; } = 1;

    /// <summary>When it is to be removed; <see langword="null"/> while it has a run that is not done.</summary>
    public DateTimeOffset? RemoveAt { get; set; }

    public void AddTurn(SessionTurn turn, string? replaced)
    {
        var index = PlaceOf(replaced);
        if (index < Turns.Count)
        {
            Turns[index] = turn;
        }
        else
        {
            Turns.Add(turn);
        }

        Version = Math.Max(Version, turn.Version);
    }

    /// <summary>Where the turn of a run stands; the end where it has none.</summary>
    public int PlaceOf(string? runId)
    {
        var index = runId is null ? -1 : Turns.FindLastIndex(turn => turn.RunId == runId);
        return index < 0 ? Turns.Count : index;
    }
}
