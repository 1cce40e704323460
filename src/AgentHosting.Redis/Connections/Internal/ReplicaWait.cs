using StackExchange.Redis;

namespace AgentHosting.Redis.Connections.Internal;

/// <summary>
/// Waits until a replica has what was written: one <c>WAIT</c> at a time for all who ask, since it covers what this connection has written before it, and since the server
/// answers nothing else on the connection meanwhile. It is asked of the server that has the key.
/// </summary>
internal sealed class ReplicaWait(IConnectionMultiplexer multiplexer, RedisKey key, TimeSpan limit, TimeSpan commandTimeout)
{
    private static readonly RedisScript _mark = RedisScript.Load("replica-mark");
    private readonly Lock _lock = new();
    private Task<int>? _current;
    private Task<int>? _next;

    /// <returns>How many replicas have all that was written before this call.</returns>
    public Task<int> JoinAsync()
    {
        lock (_lock)
        {
            // The current one may have been sent before.
            return _current is null ? _current = RunAsync(Task.CompletedTask) : _next ??= RunAsync(_current);
        }
    }

    private IServer Server()
    {
        try
        {
            return multiplexer.GetServer(key, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException exception)
        {
            throw new RedisException("No primary of Redis is connected. It is looked for.", exception);
        }
    }

    private async Task<int> RunAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            var server = Server();
            // From Redis 7.2 on a connection waits for what it has written itself. A command that was repeated writes nothing: what it found may be another connection's, from before a break.
            var mark = server.ExecuteAsync("EVAL", _mark.Text, 1, key);
            var wait = server.ExecuteAsync("WAIT", 1, (long)limit.TotalMilliseconds);
            await Task.WhenAll(mark, wait).WaitAsync(commandTimeout, TimeProvider.System);
            return (int)await wait;
        }
        finally
        {
            lock (_lock)
            {
                (_current, _next) = (_next, null);
            }
        }
    }
}
