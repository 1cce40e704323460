using System.Diagnostics;
using AgentHosting.Compliance;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Topologies;

/// <summary>Leases in several partitions, of which the server of some does not answer.</summary>
public sealed class RedisClusterLeaseTests
{
    private const int Partitions = 9;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Renew_ServerOfSeveralPartitionsDoesNotAnswer_TheOthersWaitForItOnce()
    {
        await using var cluster = await RedisCluster.StartAsync();
        var options = SharedRedis.NewOptions();
        (options.Partitions, options.CommandTimeout) = (Partitions, Timeout);
        await using var connection = new RedisConnection(new RedisSource(ConfigurationOptions.Parse(cluster.Endpoints)), Microsoft.Extensions.Options.Options.Create(options));
        await using var store = new RedisRunStore(connection, Microsoft.Extensions.Options.Options.Create(new RunStoreOptions()), NullLogger<RedisRunStore>.Instance);
        var leases = await ClaimOfEachPartitionAsync(store, new RunPartitions(options));
        Assert.Equal(Enumerable.Repeat(RunRenewalOutcome.Held, Partitions), store.Renew(leases, Lease));
        var multiplexer = await connection.GetAsync(Token);
        var nodes = new int[Partitions];
        for (var partition = 0; partition < Partitions; partition++)
        {
            nodes[partition] = await cluster.OwnerAsync(multiplexer.GetHashSlot(new RunPartitions(options).KeysOf(partition)[0]));
        }

        // Nine on three: one has three of them, or more.
        var silent = nodes.CountBy(static node => node).MaxBy(static count => count.Value).Key;
        await cluster.CommandAsync(silent, "CLIENT", ["PAUSE", 60_000, "ALL"]);

        var watch = Stopwatch.StartNew();
        var outcomes = store.Renew(leases, Lease);

        Assert.Equal(nodes.Select(node => node == silent ? RunRenewalOutcome.Unknown : RunRenewalOutcome.Held), outcomes);
        Assert.True(watch.Elapsed < Timeout * 2, $"It took {watch.Elapsed}.");
        // Where nothing is known of any, the caller is to try again soon.
        Assert.Throws<RunStoreUnavailableException>(() => store.Renew([.. leases.Where((_, partition) => nodes[partition] == silent)], Lease));
    }

    private static async Task<List<RunLease>> ClaimOfEachPartitionAsync(RedisRunStore store, RunPartitions partitions)
    {
        var leases = new List<RunLease>();
        for (var partition = 0; partition < Partitions; partition++)
        {
            var tenant = Enumerable.Range(0, 1_000).Select(static i => $"tenant-{i}").First(name => partitions.OfTenant(name) == partition);
            await store.EnqueueAsync(
                new RunSubmission { Id = store.CreateRunId(tenant), Agent = "a", Message = "Go", Identity = new AgentIdentity { TenantId = tenant }, ExpireAfter = TimeSpan.FromHours(1) }, Token);
            var claims = await store.ClaimAsync(new RunClaimRequest { WorkerId = "w", MaxRuns = 1, Agents = new Dictionary<string, int> { ["a"] = 1 }, LeaseDuration = Lease }, Token);
            leases.Add(Assert.Single(claims).Lease);
        }

        return leases;
    }
}
