namespace AgentHosting.ContextWindows.Internal;

/// <summary>A message that calls tools, and the messages right behind it that bring the results: kept or left out together.</summary>
/// <param name="start">The index of the message that calls.</param>
/// <param name="end">The index behind the last result.</param>
internal readonly struct HistoryExchange(int start, int end)
{
    public int Start => start;

    public int End => end;
}
