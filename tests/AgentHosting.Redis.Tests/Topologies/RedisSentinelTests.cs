using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Topologies;

/// <summary>A Sentinel says where the primary is.</summary>
public sealed class RedisSentinelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failover_OrderedOfTheSentinelWithReplicated_RunsGoOnAndNoneIsLost()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var sentinel = await StartSentinelAsync(servers);
        using var model = new ScriptedChatClient(static _ => ScriptedTurn.Text("Done."));
        // The old primary accepts for a while what the new one never gets.
        using var host = TestHost.Create(
            builder => builder.AddRedis($"{sentinel.Endpoint},serviceName=main", static options => options.Durability = RedisDurability.Replicated).ConfigureWorker(static worker => (worker.LeaseDuration, worker.SweepInterval) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1))), model);
        await host.StartAsync(Token);
        var load = new RunLoad(host);

        await load.RunAsync(async () =>
        {
            await TestHost.UntilAsync(() => OrderAsync(sentinel), "the order");
            await TestHost.UntilAsync(() => IsAsync(servers.Replica, "role:master"), "the failover");
            await TestHost.UntilAsync(() => IsAsync(servers.Primary, "role:slave"), "the old primary follows");
        });

        await load.AssertAllSucceededAsync();
        await TestHost.UntilAsync(async () => (await host.CheckAsync()).Status == HealthStatus.Healthy, "health");
        await host.StopAsync(Token);
    }

    private static async Task<bool> OrderAsync(RedisServer sentinel)
    {
        try
        {
            await ReplicatedRedis.CommandAsync(sentinel, CommandMap.Sentinel, "SENTINEL", "FAILOVER", "main");
            return true;
        }
        catch (RedisServerException exception)
        {
            // A replica whose last word is some time ago is not good enough for it.
            return exception.Message.StartsWith("INPROG", StringComparison.Ordinal);
        }
    }

    private static async Task<bool> IsAsync(RedisServer server, string role)
    {
        try
        {
            return (await ReplicatedRedis.CommandAsync(server, "INFO", "replication")).ToString().Contains(role, StringComparison.Ordinal);
        }
        catch (RedisConnectionException)
        {
            // The Sentinel ends all connections to a server whose role it changes.
            return false;
        }
    }

    private static async Task<RedisServer> StartSentinelAsync(ReplicatedRedis servers)
    {
        var sentinel = await RedisServer.StartSentinelAsync(
            "sentinel resolve-hostnames no", $"sentinel monitor main 127.0.0.1 {servers.Primary.Port} 1", "sentinel down-after-milliseconds main 30000", "sentinel failover-timeout main 10000");
        // It learns of replicas from the primary.
        await TestHost.UntilAsync(async () => (await ReplicatedRedis.CommandAsync(sentinel, CommandMap.Sentinel, "INFO", "sentinel")).ToString().Contains("slaves=1", StringComparison.Ordinal), "the sentinel knows the replica");
        return sentinel;
    }
}
