namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>A conversation: its turns, and the runs that are not done, in order. Only the first of them may run.</summary>
internal sealed class SessionRecord(string owner, string key, string sessionId, long number)
{
    private readonly List<SessionTurn> _turns = [];

    /// <summary>The key of its owner.</summary>
    public string Owner { get; } = owner;

    public string Key { get; } = key;

    public string SessionId { get; } = sessionId;

    /// <summary>That of its first run.</summary>
    public long Number { get; } = number;

    /// <summary>The order in which sessions became idle: many may do so at the same time.</summary>
    public long IdleNumber { get; set; }

    public LinkedList<RunRecord> Runs { get; } = [];

    public DateTimeOffset RemoveAt { get; set; }

    public bool HasTurns => _turns.Count > 0;

    /// <summary>The newest version of the journal's format in its turns.</summary>
    public int Version { get; private set; } = 1;

    /// <param name="turn">The turn.</param>
    /// <param name="replaced">The run whose turn it takes the place of, if that is there.</param>
    public void AddTurn(SessionTurn turn, string? replaced)
    {
        if (IndexOf(replaced) is var index and >= 0)
        {
            _turns[index] = turn;
        }
        else
        {
            _turns.Add(turn);
        }

        Version = Math.Max(Version, turn.Version);
    }

    /// <param name="replaced">The run whose turn is to be replaced: the conversation ends before it.</param>
    public SessionTranscript ToTranscript(string? replaced = null)
    {
        var count = IndexOf(replaced) is var index and >= 0 ? index : _turns.Count;
        return new() { SessionId = SessionId, Version = count, Turns = _turns.GetRange(0, count) };
    }

    private int IndexOf(string? runId) => runId is null ? -1 : _turns.FindLastIndex(turn => turn.RunId == runId);
}
