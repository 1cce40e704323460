using System.Globalization;
using AgentHosting.Redis.Connections.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>How a queue is laid out in Redis, which is written down when it is first used. Two hosts that did not agree would not find each other's runs.</summary>
internal sealed class RunLayout(RedisConnection connection, RunPartitions partitions)
{
    private volatile bool _isKnown;

    /// <summary>Before a run is accepted: the start-up's test may still wait for the server.</summary>
    /// <exception cref="RedisException">The queue is laid out otherwise.</exception>
    public async Task<bool> EnsureAsync(CancellationToken cancellationToken)
    {
        if (!_isKnown && await FindRefusalAsync(cancellationToken) is { } refusal)
        {
            throw new RedisException(refusal);
        }

        return _isKnown = true;
    }

    /// <returns>Why this host must not use the queue.</returns>
    public async Task<string?> FindRefusalAsync(CancellationToken cancellationToken)
    {
        var stored = (int)await connection.EvaluateAsync(RunScripts.Layout, partitions.KeysOf(0), [connection.Now, "{}", partitions.Count], cancellationToken);
        return stored == partitions.Count
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"AgentHosting:Redis:Partitions is {partitions.Count}, but queue '{connection.Options.Queue}' is kept in {stored}. Set {stored}, or use another queue: runs do not move between partitions.");
    }
}
