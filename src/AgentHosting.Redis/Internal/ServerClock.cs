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
    private long? _timesSetBack;

    /// <summary>The time that the server must have come to, in microseconds since 1970; <see langword="null"/> as long as its time is not known.</summary>
    public long? Expected()
    {
        lock (_lock)
        {
            return _last is var (server, at) ? server + RedisTime.Of(local.GetElapsedTime(at)) : null;
        }
    }

    /// <summary>How often the server's time was known to have been set back, by whomever, when it was noted last.</summary>
    public long? TimesSetBack
    {
        get
        {
            lock (_lock)
            {
                return _timesSetBack;
            }
        }
    }

    /// <summary>For how long the server's time is known to have run on without being set forward.</summary>
    public TimeSpan RanOn
    {
        get
        {
            lock (_lock)
            {
                return (_setForwardAt ?? _firstAt) is { } at ? local.GetElapsedTime(at) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Whether it was seen to be set forward.</summary>
    public bool WasSetForward
    {
        get
        {
            lock (_lock)
            {
                return _setForwardAt is not null;
            }
        }
    }

    /// <summary>Notes the time that the server gave.</summary>
    /// <param name="server">It.</param>
    /// <param name="wasSetForward">Whether it was further than <see cref="Expected"/>, or was set back and forward again.</param>
    /// <param name="timesSetBack">How often it is known to have been set back.</param>
    public void Note(long server, bool wasSetForward, long timesSetBack)
    {
        lock (_lock)
        {
            var now = local.GetTimestamp();
            _setForwardAt = wasSetForward ? now : _setForwardAt;
            _firstAt ??= now;
            _last = (server, now);
            _timesSetBack = timesSetBack;
        }
    }
}
