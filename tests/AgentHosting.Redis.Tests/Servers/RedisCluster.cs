using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>Three primaries, with a third of the slots each.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    public const int Slots = 16384;
    private readonly List<RedisServer> _nodes = [];
    private readonly List<ConnectionMultiplexer> _connections = [];

    public IReadOnlyList<RedisServer> Nodes => _nodes;

    public string Endpoints => string.Join(',', _nodes.Select(static node => node.Endpoint));

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        for (var i = 0; i < 3; i++)
        {
            var node = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "5000");
            cluster._nodes.Add(node);
            // Only this node of it: commands of one node are no business of the others.
            cluster._connections.Add(await ConnectionMultiplexer.ConnectAsync($"{node.Endpoint},allowAdmin=true"));
        }

        for (var i = 0; i < 3; i++)
        {
            var (first, last) = (Slots * i / 3, (Slots * (i + 1) / 3) - 1);
            await cluster.CommandAsync(i, "CLUSTER", ["ADDSLOTS", .. Enumerable.Range(first, last - first + 1).Select(static slot => (object)slot)]);
        }

        for (var i = 1; i < 3; i++)
        {
            await cluster.CommandAsync(0, "CLUSTER", ["MEET", "127.0.0.1", cluster._nodes[i].Port]);
        }

        for (var i = 0; i < 3; i++)
        {
            var node = i;
            await TestHost.UntilAsync(
                async () => (await cluster.CommandAsync(node, "CLUSTER", ["INFO"])).ToString() is var info
                    && info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal),
                "the cluster is whole");
        }

        return cluster;
    }

    /// <summary>Asks one node.</summary>
    public Task<RedisResult> CommandAsync(int node, string command, object[] arguments) => _connections[node].GetServer(_nodes[node].Endpoint).ExecuteAsync(command, arguments);

    /// <summary>The node that has a slot.</summary>
    public async Task<int> OwnerAsync(int slot)
    {
        for (var node = 0; node < 3; node++)
        {
            var range = ((RedisResult[])(await CommandAsync(0, "CLUSTER", ["SLOTS"]))!).Select(static entry => (RedisResult[])entry!)
                .First(entry => (int)entry[0] <= slot && slot <= (int)entry[1]);
            if ((int)((RedisResult[])range[2]!)[1] == _nodes[node].Port)
            {
                return node;
            }
        }

        throw new InvalidOperationException($"Nobody has slot {slot}.");
    }

    /// <summary>Moves a slot with its keys, a few at a time, as resharding does.</summary>
    public async Task MoveAsync(int slot, int from, int to)
    {
        await BeginMoveAsync(slot, from, to);
        await EndMoveAsync(slot, from, to);
    }

    /// <summary>From now on the one node asks the other for what it has not got.</summary>
    public async Task BeginMoveAsync(int slot, int from, int to)
    {
        await CommandAsync(to, "CLUSTER", ["SETSLOT", slot, "IMPORTING", await IdAsync(from)]);
        await CommandAsync(from, "CLUSTER", ["SETSLOT", slot, "MIGRATING", await IdAsync(to)]);
    }

    public async Task EndMoveAsync(int slot, int from, int to)
    {
        while ((string[]?)await CommandAsync(from, "CLUSTER", ["GETKEYSINSLOT", slot, 10]) is { Length: > 0 } keys)
        {
            await CommandAsync(from, "MIGRATE", ["127.0.0.1", _nodes[to].Port, "", 0, 5000, "KEYS", .. keys]);
        }

        foreach (var node in new[] { to, from, 3 - from - to })
        {
            await CommandAsync(node, "CLUSTER", ["SETSLOT", slot, "NODE", await IdAsync(to)]);
        }
    }

    private async Task<string> IdAsync(int node) => (string)(await CommandAsync(node, "CLUSTER", ["MYID"]))!;

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
