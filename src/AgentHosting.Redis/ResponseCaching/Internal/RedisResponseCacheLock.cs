using AgentHosting.Redis.Connections.Internal;
using AgentHosting.ResponseCaching;
using StackExchange.Redis;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>Lets one replica ask the model: a key with the holder's token, which ends by itself.</summary>
internal sealed class RedisResponseCacheLock(RedisConnection connection) : IResponseCacheLock
{
    public async ValueTask<IAsyncDisposable?> TryAcquireAsync(string key, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        connection.ThrowIfRefused();
        var held = new RedisHeldLock(connection, $"{connection.Options.KeyPrefix}:cache-lock:{key}");
        var taking = (await connection.GetAsync(cancellationToken)).GetDatabase()
            .StringSetAsync(held.Key, held.Token, TimeSpan.FromMilliseconds(Math.Ceiling(lease.TotalMilliseconds)), When.NotExists);
        try
        {
            return await taking.WaitAsync(connection.Options.CommandTimeout, TimeProvider.System, cancellationToken) ? held : null;
        }
        catch (Exception)
        {
            // It may have been taken all the same, and would hold up the other replicas until its lease ends.
            _ = ReleaseLateAsync(taking, held);
            throw;
        }
    }

    private static async Task ReleaseLateAsync(Task<bool> taking, RedisHeldLock held)
    {
        await ((Task)taking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await held.DisposeAsync();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The lease ends by itself; the caller has been told that the store failed.
        }
    }
}
