using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>A primary and its replica, each a process.</summary>
internal sealed class ReplicatedRedis : IAsyncDisposable
{
    private ReplicatedRedis(RedisServer primary, RedisServer replica)
    {
        Primary = primary;
        Replica = replica;
    }

    public RedisServer Primary { get; }

    public RedisServer Replica { get; }

    /// <summary>Both, as a client that must find the primary is given them.</summary>
    public string Endpoints => $"{Primary.Endpoint},{Replica.Endpoint}";

    public static async Task<ReplicatedRedis> StartAsync()
    {
        var primary = await RedisServer.StartAsync("--repl-diskless-sync-delay", "0");
        var replica = await RedisServer.StartAsync("--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1", $"{primary.Port}");
        var both = new ReplicatedRedis(primary, replica);
        await TestHost.UntilAsync(async () => (await CommandAsync(replica, "INFO", "replication")).ToString().Contains("master_link_status:up", StringComparison.Ordinal), "replication");
        return both;
    }

    public Task CatchUpAsync() =>
        TestHost.UntilAsync(async () => await OffsetAsync(Primary, "master_repl_offset") == await OffsetAsync(Replica, "slave_repl_offset"), "the replica has everything");

    /// <summary>What the primary has by now is on the replica; what comes after is not, since the replica follows nobody any more.</summary>
    public async Task PromoteAsync()
    {
        await CatchUpAsync();
        await CommandAsync(Replica, "REPLICAOF", "NO", "ONE");
    }

    public Task PromoteWithoutPrimaryAsync() => CommandAsync(Replica, "REPLICAOF", "NO", "ONE");

    public static Task<RedisResult> CommandAsync(RedisServer server, string command, params object[] arguments) => CommandAsync(server, CommandMap.Default, command, arguments);

    public static async Task<RedisResult> CommandAsync(RedisServer server, CommandMap commands, string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true", configuration => configuration.CommandMap = commands);
        return await connection.GetServer(server.Endpoint).ExecuteAsync(command, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await Primary.DisposeAsync();
    }

    private static async Task<string> OffsetAsync(RedisServer server, string field) =>
        (await CommandAsync(server, "INFO", "replication")).ToString().Split('\n').First(line => line.StartsWith(field + ":", StringComparison.Ordinal)).Split(':')[1].Trim();
}
