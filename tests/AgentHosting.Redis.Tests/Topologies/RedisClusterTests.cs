using AgentHosting.CircuitBreakers;
using AgentHosting.RateLimits;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Topologies;

/// <summary>A cluster of three primaries.</summary>
public sealed class RedisClusterTests
{
    private const int Partitions = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_ClusterOfThree_SharesEverythingAndRunsGoOnWhileTheirSlotsMove()
    {
        await using var cluster = await RedisCluster.StartAsync();
        using var model = new ScriptedChatClient(static _ => ScriptedTurn.Text("Done."));
        using var host = TestHost.Create(
            builder => builder.AddRedis(cluster.Endpoints, static redis => redis.Partitions = Partitions).ConfigureWorker(static worker => (worker.LeaseDuration, worker.SweepInterval) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1))), model);
        await host.StartAsync(Token);
        await host.UntilHealthyAsync();

        await SpendAsync(host.Services.GetRequiredService<ISpendLedger>());
        await LimitAsync(host.Services.GetRequiredService<IAgentRateLimiter>());
        await BreakAsync(host.Services.GetRequiredService<ICircuitBreakerStore>());
        var cache = host.Services.GetRequiredService<HybridCache>();
        Assert.Equal("a", await cache.GetOrCreateAsync("k", static _ => ValueTask.FromResult("a"), cancellationToken: Token));
        Assert.Equal("a", await cache.GetOrCreateAsync("k", static _ => ValueTask.FromResult("b"), cancellationToken: Token));

        var load = new RunLoad(host);
        await load.RunAsync(async () =>
        {
            await using var client = await ConnectionMultiplexer.ConnectAsync(cluster.Endpoints);
            foreach (var partition in Enumerable.Range(0, Partitions))
            {
                var slot = client.GetHashSlot($"{{ah:default:{partition}}}:");
                var from = await cluster.OwnerAsync(slot);
                await cluster.MoveAsync(slot, from, (from + 1) % 3);
            }
        });

        await load.AssertAllSucceededAsync();
        Assert.True(load.Ids.Select(static id => id.Split('_')[1]).Distinct().Count() > 1);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Submit_SlotIsOnItsWay_IsRefusedAndNothingIsWrittenToTheNodeThatHasOnlyAPart()
    {
        await using var cluster = await RedisCluster.StartAsync();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(builder => builder.AddRedis(cluster.Endpoints).ConfigureWorker(static worker => worker.Enabled = false), model);
        await host.StartAsync(Token);
        var load = new RunLoad(host);
        await load.SubmitAsync(3);
        await using var client = await ConnectionMultiplexer.ConnectAsync(cluster.Endpoints);
        var slot = client.GetHashSlot("{ah:default:0}:");
        var from = await cluster.OwnerAsync(slot);
        var to = (from + 1) % 3;

        await cluster.BeginMoveAsync(slot, from, to);
        var runs = host.Services.GetRequiredService<IAgentRunClient>();
        await Assert.ThrowsAsync<RunStoreUnavailableException>(async () => await runs.GetAsync(load.Ids[0], Token));
        await Assert.ThrowsAsync<RunStoreUnavailableException>(async () => await runs.SubmitAsync(new AgentRunRequest { Message = "Go", Identity = new AgentIdentity { UserId = "ann" } }, Token));
        Assert.Empty((string[])(await cluster.CommandAsync(to, "CLUSTER", ["GETKEYSINSLOT", slot, 10]))!);
        await cluster.EndMoveAsync(slot, from, to);

        await load.SubmitAsync(3);
        foreach (var id in load.Ids)
        {
            Assert.NotNull(await runs.GetAsync(id, Token));
        }

        await host.StopAsync(Token);
    }

    private static async Task SpendAsync(ISpendLedger ledger)
    {
        SpendLimit[] limits = [new() { Scope = SpendScope.Global, MaxCalls = 1 }];
        SpendReservation Of(string id) => new() { Id = id, Account = new SpendAccount { UserId = "ann" }, Limits = limits, InputTokens = 1, MaxOutputTokens = 1, Lease = TimeSpan.FromMinutes(1) };
        Assert.True((await ledger.ReserveAsync(Of("one"), Token)).IsGranted);
        Assert.False((await ledger.ReserveAsync(Of("two"), Token)).IsGranted);
        Assert.True((await ledger.SettleAsync(new SpendSettlement { Id = "one", Cost = 1 }, Token)).IsSettled);
    }

    private static async Task LimitAsync(IAgentRateLimiter limiter)
    {
        var request = new RateLimitRequest { Demands = [new RateLimitDemand { Key = "a", Limit = 1, Window = TimeSpan.FromMinutes(1) }, new RateLimitDemand { Key = "b", Limit = 2, Window = TimeSpan.FromMinutes(1) }] };
        Assert.True((await limiter.AcquireAsync(request, Token)).IsAcquired);
        Assert.False((await limiter.AcquireAsync(request, Token)).IsAcquired);
    }

    private static async Task BreakAsync(ICircuitBreakerStore circuits)
    {
        var settings = new CircuitSettings
        {
            FailureRatio = 0.5, MinimumCalls = 2, Window = TimeSpan.FromMinutes(1), OpenDuration = TimeSpan.FromMinutes(1), MaxOpenDuration = TimeSpan.FromMinutes(2), SuccessesToClose = 1, ProbeLease = TimeSpan.FromSeconds(5),
        };
        // Each in a slot of its own.
        foreach (var key in new[] { "one", "two", "three" })
        {
            for (var i = 0; i < 2; i++)
            {
                await circuits.ReportAsync((await circuits.TryAcquireAsync(key, settings, Token)).Permit, settings, CircuitOutcome.Failure, TimeSpan.Zero, Token);
            }

            Assert.False((await circuits.TryAcquireAsync(key, settings, Token)).IsAllowed);
        }
    }
}
