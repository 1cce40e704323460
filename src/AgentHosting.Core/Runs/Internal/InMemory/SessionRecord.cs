namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>A conversation: its turns, and the runs that are not done, in order. Only the first of them may run.</summary>
internal sealed class SessionRecord(string key, string sessionId)
{
    private readonly List<SessionTurn> _turns = [];

    public string Key { get; } = key;

    public string SessionId { get; } = sessionId;

    /// <summary>The order in which sessions became idle: many may do so at the same time.</summary>
    public long IdleNumber { get; set; }

    public LinkedList<RunRecord> Runs { get; } = [];

    public DateTimeOffset RemoveAt { get; set; }

    public bool HasTurns => _turns.Count > 0;

    /// <summary>The newest version of the journal's format in its turns.</summary>
    public int Version { get; private set; } = 1;

    public void AddTurn(SessionTurn turn)
    {
        _turns.Add(turn);
        Version = Math.Max(Version, turn.Version);
    }

    public SessionTranscript ToTranscript() => new() { SessionId = SessionId, Version = _turns.Count, Turns = [.. _turns] };
}
