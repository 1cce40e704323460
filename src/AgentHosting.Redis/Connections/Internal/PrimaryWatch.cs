using StackExchange.Redis;

namespace AgentHosting.Redis.Connections.Internal;

/// <summary>
/// Notes how commands fare: whether the server was away, whether the connection is still the one that a command went over, and whether another server has to be looked for.
/// The multiplexer looks when a connection breaks, which is before a replica is promoted, and then once a minute; whoever has a failing command cannot wait for that.
/// </summary>
internal sealed class PrimaryWatch : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    // Shorter ones let nobody's lease end: renewals are repeated.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);
    private readonly IConnectionMultiplexer _multiplexer;
    private readonly bool _hasSeveral;
    private int _isLooking;
    private int _changes;
    private long _lastGood = TimeProvider.System.GetTimestamp();
    private bool _hasFailed;
    private long _restoredAt;

    public PrimaryWatch(IConnectionMultiplexer multiplexer)
    {
        _multiplexer = multiplexer;
        _hasSeveral = multiplexer.GetEndPoints().Length > 1;
        multiplexer.ConnectionFailed += OnFailed;
        multiplexer.ConnectionRestored += OnRestored;
        multiplexer.ConfigurationChanged += OnChanged;
    }

    /// <summary>Rises when a connection is lost or made, or the servers have other roles: what was written before may be on another server than what is asked now.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Whether the server was away, and came back a shorter time ago than this.</summary>
    public bool WasRestoredWithin(TimeSpan time) => Volatile.Read(ref _restoredAt) is var at and > 0 && TimeProvider.System.GetElapsedTime(at) < time;

    public void Succeeded()
    {
        if (Volatile.Read(ref _hasFailed) && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastGood)) > Outage)
        {
            // Also where no connection broke: packets were lost, or a replica that was connected all the time is the primary now.
            Volatile.Write(ref _restoredAt, TimeProvider.System.GetTimestamp());
        }

        Volatile.Write(ref _hasFailed, false);
        Volatile.Write(ref _lastGood, TimeProvider.System.GetTimestamp());
    }

    public void Failed(Exception exception)
    {
        if (!RedisErrors.IsOutage(exception))
        {
            return;
        }

        Volatile.Write(ref _hasFailed, true);
        if (_hasSeveral && RedisErrors.MayBeElsewhere(exception) && Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            _ = LookAsync();
        }
    }

    public void Dispose()
    {
        _multiplexer.ConnectionFailed -= OnFailed;
        _multiplexer.ConnectionRestored -= OnRestored;
        _multiplexer.ConfigurationChanged -= OnChanged;
    }

    private async Task LookAsync()
    {
        try
        {
            await _multiplexer.ConfigureAsync();
            Interlocked.Increment(ref _changes);
            await Task.Delay(BetweenLooks, TimeProvider.System);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The next command that fails looks again.
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs arguments) => Interlocked.Increment(ref _changes);

    private void OnRestored(object? sender, ConnectionFailedEventArgs arguments)
    {
        Interlocked.Increment(ref _changes);
        if (arguments.ConnectionType == ConnectionType.Interactive)
        {
            Volatile.Write(ref _restoredAt, TimeProvider.System.GetTimestamp());
        }
    }

    private void OnChanged(object? sender, EndPointEventArgs arguments) => Interlocked.Increment(ref _changes);
}
