using StackExchange.Redis;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>Looks from outside, ten times a second, how much time the lease that ends first still has: what it falls short of a whole lease is the longest pause between two renewals.</summary>
internal sealed class LeaseWatch : IAsyncDisposable
{
    private const string Leases = "{ah:default:0}:leases";
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private long _least = long.MaxValue;

    public LeaseWatch(string endpoint) => _watching = Task.Run(() => WatchAsync(endpoint, _end.Token));

    public void Report(CrashReport report, TimeSpan lease)
    {
        var least = TimeSpan.FromMicroseconds(Math.Min(Volatile.Read(ref _least), lease.Ticks / TimeSpan.TicksPerMicrosecond));
        report.Figures["lease_s"] = lease.TotalSeconds;
        report.Figures["longest_without_renewal_s"] = Math.Round((lease - least).TotalSeconds, 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task WatchAsync(string endpoint, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(endpoint);
        var database = connection.GetDatabase();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                var left = (long?)await database.ScriptEvaluateAsync(
                    "local f = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES') if not f[2] then return false end local t = redis.call('TIME') return tonumber(f[2]) - tonumber(t[1]) * 1000000 - tonumber(t[2])",
                    [Leases]);
                if (left < _least)
                {
                    Volatile.Write(ref _least, left.Value);
                }
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // The server is away, as may be in some modes. It is asked again.
            }
        }
    }
}
