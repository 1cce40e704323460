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

    /// <returns>Whether there was room. The line is to be left again; one that is full may be looked at.</returns>
    public bool TryJoin(string key, int limit, out WaitingLine line, long permits = 0, long now = 0)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(key, out line!))
            {
                _lines.Add(key, line = new WaitingLine());
            }

            if (line.Count >= limit)
            {
                return false;
            }

            line.Count++;
            line.Permits += permits;
            line.LastCameAt = now;
            return true;
        }
    }

    public (int Count, long Permits, long LastCameAt) Read(WaitingLine line)
    {
        lock (_lock)
        {
            return (line.Count, line.Permits, line.LastCameAt);
        }
    }

    /// <returns>Completes the next time that something is given back. To be read before it is asked whether it fits.</returns>
    public Task GivenBackTo(WaitingLine line)
    {
        lock (_lock)
        {
            return line.GivenBack.Task;
        }
    }

    /// <summary>Wakes whoever waits at the head, for whom it may fit now.</summary>
    public void GiveBack(string key)
    {
        lock (_lock)
        {
            if (_lines.TryGetValue(key, out var line))
            {
                line.GivenBack.SetResult();
                line.GivenBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Leave(string key, WaitingLine line, long permits = 0)
    {
        lock (_lock)
        {
            line.Permits -= permits;
            if (--line.Count == 0)
            {
                _lines.Remove(key);
                line.Turn.Dispose();
            }
        }
    }
}
