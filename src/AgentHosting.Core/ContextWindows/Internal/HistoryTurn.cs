namespace AgentHosting.ContextWindows.Internal;

/// <summary>What the user says and all that follows, up to what the user says next.</summary>
/// <param name="start">The index of its first message.</param>
/// <param name="end">The index behind its last.</param>
internal readonly struct HistoryTurn(int start, int end)
{
    public int Start => start;

    public int End => end;
}
