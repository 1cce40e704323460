using System.Net;
using StackExchange.Redis;

namespace AgentHosting.Redis.Connections.Internal;

/// <summary>
/// Notes how commands fare: whether the server was away, whether the connection is still the one that a command went over, and whether another server has to be looked for.
/// The multiplexer looks when a connection breaks, which is before a replica is promoted, and then once a minute; commands cannot wait for that. While there is no primary it is
/// looked for here, and when a command has failed in a way that another server may take.
/// </summary>
internal sealed class PrimaryWatch : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    // Shorter ones let nobody's lease end: renewals are repeated.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);
    private readonly IConnectionMultiplexer _multiplexer;
    private readonly bool _hasSeveral;
    private int _isLooking;
    private int _isMissing;
    private int _changes;
    private long _lastGood = TimeProvider.System.GetTimestamp();
    private bool _hasFailed;
    private long _restoredAt;
    private volatile bool _isDisposed;

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

    /// <summary>How long ago the server came back, where it was away; nothing while it is: what is sent now may wait there, and be carried out before the renewals of others.</summary>
    public TimeSpan? SinceBreak =>
        IsAway ? TimeSpan.Zero
        : Volatile.Read(ref _restoredAt) is var at and > 0 ? TimeProvider.System.GetElapsedTime(at)
        : null;

    /// <summary>Whether a server is connected that takes commands which write.</summary>
    public bool HasPrimary => _hasSeveral ? HasPrimaryBeside(null) : _multiplexer.IsConnected;

    private bool IsAway => Volatile.Read(ref _hasFailed) && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastGood)) > Outage;

    public void Succeeded()
    {
        if (IsAway)
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
        if (RedisErrors.MayBeElsewhere(exception))
        {
            Look();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _multiplexer.ConnectionFailed -= OnFailed;
        _multiplexer.ConnectionRestored -= OnRestored;
        _multiplexer.ConfigurationChanged -= OnChanged;
    }

    private void Look()
    {
        if (_hasSeveral && !_isDisposed && Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            _ = LookAsync();
        }
    }

    private async Task LookAsync()
    {
        try
        {
            do
            {
                if (!await FindsPrimaryAsync())
                {
                    Volatile.Write(ref _isMissing, 1);
                }
                else if (Interlocked.Exchange(ref _isMissing, 0) == 1)
                {
                    Volatile.Write(ref _restoredAt, TimeProvider.System.GetTimestamp());
                }

                Interlocked.Increment(ref _changes);
                await Task.Delay(BetweenLooks, TimeProvider.System);
            }
            while (!_isDisposed && (Volatile.Read(ref _isMissing) == 1 || !HasPrimary));
        }
        catch (ObjectDisposedException)
        {
            // Nobody asks any more.
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private async Task<bool> FindsPrimaryAsync()
    {
        try
        {
            await _multiplexer.ConfigureAsync();
            return HasPrimary;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs arguments)
    {
        Interlocked.Increment(ref _changes);
        if (arguments.ConnectionType == ConnectionType.Interactive && !HasPrimaryBeside(arguments.EndPoint))
        {
            // Another may be found at the first look, after it had to wait for the one that is gone: that was a break too.
            Volatile.Write(ref _isMissing, 1);
            Look();
        }
    }

    private bool HasPrimaryBeside(EndPoint? lost) => _multiplexer.GetServers().Any(server => server is { IsConnected: true, IsReplica: false } && !server.EndPoint.Equals(lost));

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
