namespace AgentHosting.Load.Crashes.Processes;

/// <summary>What a <see cref="RedisProxy"/> does with what it is given.</summary>
internal enum ProxyWeather
{
    /// <summary>It passes it on.</summary>
    Fair,

    /// <summary>It passes it on after 100 to 500 ms.</summary>
    Delayed,

    /// <summary>It passes it on in small pieces, a kilobyte a second.</summary>
    Slow,

    /// <summary>Commands arrive; replies do not.</summary>
    RepliesLost,

    /// <summary>Nothing arrives and nobody is told: connections stay open, and new ones are accepted.</summary>
    Silent,
}
