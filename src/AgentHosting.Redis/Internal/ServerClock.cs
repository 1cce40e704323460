namespace AgentHosting.Redis.Internal;

/// <summary>
/// Notices a server whose clock was set, by a clock of this process that does not jump. Where it was set forward every lease has ended by the server's new time, and its worker lives and
/// needs a moment to renew it.
/// </summary>
internal sealed class ServerClock(TimeProvider local)
{
    private readonly Lock _lock = new();
    private (long Server, long Local)? _last;
    private long? _firstAt;
    private long? _setForwardAt;

    /// <summary>The time that the server must have come to, in microseconds since 1970; <see langword="null"/> as long as its time is not known.</summary>
    public long? Expected()
    {
        lock (_lock)
        {
            return _last is var (server, at) ? server + RedisTime.Of(local.GetElapsedTime(at)) : null;
        }
    }

    /// <summary>Notes the time that the server gave.</summary>
    /// <param name="server">It.</param>
    /// <param name="expected">What <see cref="Expected"/> gave before the server was asked.</param>
    /// <param name="tolerance">By how much the two may differ.</param>
    public void Note(long server, long? expected, TimeSpan tolerance)
    {
        lock (_lock)
        {
            var now = local.GetTimestamp();
            _setForwardAt = server - expected > RedisTime.Of(tolerance) ? now : _setForwardAt;
            _firstAt ??= now;
            _last = (server, now);
        }
    }

    /// <summary>Whether the server's time has run on without being set forward for that long; <see langword="null"/> as long as it has not been looked at for that long.</summary>
    public bool? RanOnFor(TimeSpan time)
    {
        lock (_lock)
        {
            return _setForwardAt is { } at && local.GetElapsedTime(at) < time ? false
                : _firstAt is { } first && local.GetElapsedTime(first) >= time ? true
                : null;
        }
    }
}
