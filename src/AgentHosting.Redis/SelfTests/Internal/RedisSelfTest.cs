using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.SelfTests.Internal;

/// <summary>Finds out whether a server can be trusted with what the host keeps: its version, what it drops when its memory is full, whether scripts are atomic.</summary>
internal sealed class RedisSelfTest(RedisConnection connection, RedisSource source)
{
    private const int Connections = 3;
    private const int CountsOfAConnection = 40;
    private static readonly Version _oldest = new(6, 2);
    private static readonly RedisScript _script = RedisScript.Load("self-test");
    private static readonly RedisScript _info = RedisScript.Load("self-test-info");

    /// <param name="withScripts">Whether scripts are tested too, or only how the server is set up.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    public async Task<RedisFindings> RunAsync(bool withScripts, CancellationToken cancellationToken)
    {
        try
        {
            var multiplexer = await connection.GetAsync(cancellationToken);
            var servers = multiplexer.GetServers().Where(static server => server.IsConnected && !server.IsReplica && server.ServerType != ServerType.Sentinel).ToList();
            if (servers.Count == 0)
            {
                return new RedisFindings { Pending = $"No primary of Redis is connected ({Addresses(multiplexer)})." };
            }

            List<RedisInfo> infos = [];
            foreach (var server in servers)
            {
                var info = await ReadAsync(server, cancellationToken);
                if (RefusalOf(server, info) is { } refusal)
                {
                    return new RedisFindings { Refusal = refusal };
                }

                infos.Add(info);
            }

            var unfit = (withScripts ? await CountAsync(cancellationToken) : null)
                ?? await RedisLayout.CheckAsync(multiplexer, connection.Options, cancellationToken)
                ?? await FindLayoutRefusalAsync(cancellationToken);
            return unfit is not null ? new RedisFindings { Refusal = unfit } : new RedisFindings
            {
                Version = infos[0].Product,
                ClusterPrimaries = infos.Any(static info => info.IsCluster) ? servers.Count : 0,
                LosesOnRestart = infos.Any(static info => info.HasNoAppendOnlyFile),
                IsEvictionUnknown = infos.Any(static info => info.EvictionPolicy is null),
            };
        }
        catch (RedisServerException exception)
        {
            return RedisErrors.IsPassing(exception.Message)
                ? new RedisFindings { Pending = $"Redis does not take a script now: {exception.Message}" }
                : new RedisFindings { Refusal = $"Redis refuses to run scripts: {exception.Message.TrimEnd('.')}. Allow EVAL, EVALSHA and the commands on the keys of the host." };
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new RedisFindings { Pending = $"Redis cannot be reached: {exception.Message}" };
        }
    }

    private async Task<RedisInfo> ReadAsync(IServer server, CancellationToken cancellationToken) => new((string?)await server
        .ExecuteAsync("EVAL", _info.Text, 0).WaitAsync(connection.Options.CommandTimeout, TimeProvider.System, cancellationToken));

    private static string? RefusalOf(IServer server, RedisInfo info)
    {
        if (info.Version is { } version && version < _oldest)
        {
            return $"Redis at {server.EndPoint} is of version {version}. Use 6.2 or newer, or Valkey.";
        }

        return info.EvictionPolicy is { } policy && policy.StartsWith("allkeys-", StringComparison.Ordinal)
            ? $"Redis at {server.EndPoint} has maxmemory-policy {policy}, with which it drops accepted runs and budgets when its memory is full. Set noeviction, or a volatile- policy."
            : null;
    }

    /// <summary>Over a connection that has not been refused: also a refusal may have been put right.</summary>
    private async Task<string?> FindLayoutRefusalAsync(CancellationToken cancellationToken)
    {
        await using var unrefused = new RedisConnection(source, Options.Create(connection.Options));
        return await new RunLayout(unrefused, new RunPartitions(connection.Options)).FindRefusalAsync(cancellationToken);
    }

    /// <returns>What is wrong with scripts.</returns>
    private async Task<string?> CountAsync(CancellationToken cancellationToken)
    {
        RedisKey key = $"{{{connection.Options.KeyPrefix}:self-test}}:{Guid.NewGuid():N}";
        var connections = Enumerable.Range(0, Connections).Select(_ => new RedisConnection(source, Options.Create(connection.Options))).ToList();
        try
        {
            var counts = await Task.WhenAll(connections.SelectMany(one => Enumerable.Range(0, CountsOfAConnection)
                .Select(async _ => (int)await one.EvaluateAsync(_script, [key], [""], cancellationToken))));
            var isAtomic = counts.Order().SequenceEqual(Enumerable.Range(0, counts.Length));
            var database = (await connection.GetAsync(cancellationToken)).GetDatabase();
            var after = (string?)await database.StringGetAsync(key).WaitAsync(connection.Options.CommandTimeout, TimeProvider.System, cancellationToken);
            await database.KeyDeleteAsync(key).WaitAsync(connection.Options.CommandTimeout, TimeProvider.System, cancellationToken);
            return isAtomic && after == $$"""{"n":{{counts.Length}}}""" ? null
                : $"Scripts are not atomic on this server: {counts.Length} of them counted to {after ?? "nothing"}. Switch on its transactions for scripts (Garnet: lua-transaction-mode), or use another server.";
        }
        finally
        {
            foreach (var one in connections)
            {
                await one.DisposeAsync();
            }
        }
    }

    private static string Addresses(IConnectionMultiplexer multiplexer) => string.Join(", ", multiplexer.GetEndPoints().AsEnumerable());
}
