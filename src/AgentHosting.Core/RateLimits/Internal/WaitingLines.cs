namespace AgentHosting.RateLimits.Internal;

/// <summary>The lines in which somebody waits, by what for.</summary>
internal sealed class WaitingLines
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, WaitingLine> _lines = new(StringComparer.Ordinal);

    public bool IsAnybodyIn(string key)
    {
        lock (_lock)
        {
            return _lines.ContainsKey(key);
        }
    }

    /// <returns>The line, to be left again, or <see langword="null"/> when it is full.</returns>
    public WaitingLine? TryJoin(string key, int limit)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(key, out var line))
            {
                _lines.Add(key, line = new WaitingLine());
            }

            if (line.Count >= limit)
            {
                return null;
            }

            line.Count++;
            return line;
        }
    }

    public void Leave(string key, WaitingLine line)
    {
        lock (_lock)
        {
            if (--line.Count == 0)
            {
                _lines.Remove(key);
                line.Turn.Dispose();
            }
        }
    }
}
