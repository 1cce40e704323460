using System.Text.Json.Nodes;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Redis;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>The primary dies again and again, and a replica that has not got everything takes its place.</summary>
internal sealed class FailoverMode(RedisDurability durability) : CrashMode
{
    // Some three seconds, and a machine that is busy.
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(10);
    private readonly List<RedisProcess> _servers = [];
    private readonly List<RedisProxy> _links = [];
    private FailoverTrouble? _trouble;

    public override string Name => durability == RedisDurability.Fast ? "failover" : "failover-replicated";

    public override string Summary => durability == RedisDurability.Fast
        ? "the primary is killed, and a replica that lags is promoted; what was not replicated may be lost"
        : "the same, and nothing that was acknowledged may be lost";

    public override bool AllWithKeys => true;

    public override bool MayLoseCommitted => durability == RedisDurability.Fast;

    public override string RedisOfDriver => string.Join(',', _servers.Select(static server => server.Endpoint));

    public override async Task StartAsync(CrashSetup setup, CancellationToken cancellationToken)
    {
        foreach (var name in new[] { "redis-a", "redis-b" })
        {
            _servers.Add(await RedisProcess.StartAsync(setup.Folder, new RedisStart { Name = name, Arguments = "--repl-diskless-sync yes --repl-diskless-sync-delay 0" }, cancellationToken));
            _links.Add(new RedisProxy(_servers[^1].Port, setup.Random));
        }

        await _servers[1].KillAsync(cancellationToken);
        await _servers[1].StartWithAsync($"--replicaof {_links[0].Endpoint.Replace(':', ' ')}", cancellationToken);
        await FailoverTrouble.SyncedAsync(_servers[1], cancellationToken);
    }

    public override void ConfigureHost(IAgentHostingBuilder builder, bool isWorker) =>
        builder.Services.Configure<RedisOptions>(options => options.Durability = durability);

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) =>
        _trouble = new FailoverTrouble(_servers, _links, Driver.GetRequiredService<IRunStore>(), setup.Faults, setup.Interval, setup.Random);

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        report.Promise("found_late");
        report.Figures["away_after_promotion_ms"] = new JsonArray([.. _trouble!.Away.Select(static away => (JsonNode)(int)away.TotalMilliseconds)]);
        foreach (var away in _trouble.Away.Where(static away => away > LongestAway))
        {
            report.Break("found_late", $"The new primary was found {away} after its promotion.");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
