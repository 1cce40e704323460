using System.Diagnostics;
using AgentHosting.Compliance;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>What a server does that memory does not: it fills up, forgets scripts, drops clients, restarts.</summary>
public sealed class RedisRunStoreFaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FullMemory_RunsUnderWay_AreCommittedRenewedAndEndedAndNewOnesRefused()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "20mb", "--maxmemory-policy", "noeviction");
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        await using var store = Store(multiplexer);
        var (one, two) = (await AcceptAsync(store), await AcceptAsync(store));
        var claims = await ClaimAsync(store, 2);
        var lease = claims.Single(claim => claim.Run.Id == one).Lease;
        var other = claims.Single(claim => claim.Run.Id == two).Lease;
        await FillAsync(multiplexer.GetDatabase());

        await Assert.ThrowsAsync<RunStoreFullException>(() => store.EnqueueAsync(Submission(store), Token).AsTask());
        Assert.Equal([RunRenewalOutcome.Held, RunRenewalOutcome.Held], await store.RenewAsync([lease, other], TimeSpan.FromMinutes(1), Token));
        var step = new RunStep { Key = "1", Kind = RunStepKind.Model, Name = "step", Attempt = 1, Payload = "payload"u8.ToArray() };
        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(lease, step, [new AgentRunEvent { Type = AgentRunEventTypes.StepCompleted, Step = "1" }], Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.AppendEventsAsync(lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.TextDelta, Step = "2", Text = "Hi" }], Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.CompleteAsync(lease, new RunCompletion { Status = AgentRunStatus.Succeeded, Result = "done" }, Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.ReleaseAsync(other, new RunRelease { Failed = false }, Token));

        Assert.Equal((AgentRunStatus.Succeeded, "done"), ((await store.GetAsync(one, Token))!.Status, (await store.GetAsync(one, Token))!.Result));
        Assert.Equal(AgentRunStatus.Queued, (await store.GetAsync(two, Token))!.Status);
        // What is there already may also begin: only runs that end make room.
        Assert.Equal(two, Assert.Single(await ClaimAsync(store, 1)).Run.Id);
    }

    [Fact]
    public async Task FullMemory_HostThatHasJustStarted_RefusesNewRunsAsFull()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "20mb", "--maxmemory-policy", "noeviction");
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        var options = SharedRedis.NewOptions();
        await using var store = Store(multiplexer, options);
        await AcceptAsync(store);
        await FillAsync(multiplexer.GetDatabase());
        await using var late = Store(multiplexer, options);

        await Assert.ThrowsAsync<RunStoreFullException>(() => late.EnqueueAsync(Submission(late), Token).AsTask());
    }

    [Fact]
    public async Task EvictionOfVolatileKeys_ManyEndedRuns_LosesNothing()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "20mb", "--maxmemory-policy", "volatile-lru");
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        await using var store = Store(multiplexer);
        var ids = new List<string>();
        for (var i = 0; i < 50; i++)
        {
            ids.Add(await AcceptAsync(store));
        }

        foreach (var claim in await ClaimAsync(store, 25))
        {
            await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Succeeded, Result = "done" }, Token);
        }

        await FillAsync(multiplexer.GetDatabase(), TimeSpan.FromHours(1), most: 60_000);

        Assert.True(await EvictedAsync(multiplexer) > 0);
        foreach (var id in ids)
        {
            Assert.NotNull(await store.GetAsync(id, Token));
        }

        Assert.Equal(25, (await ClaimAsync(store, 50)).Count);
    }

    [Fact]
    public async Task RestartWithAppendOnlyFile_KilledUnderWrites_HasAllThatWasAcknowledged()
    {
        // With everysec an answer may come before the write while a slow disk is being synced.
        await using var server = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true,abortConnect=false,connectRetry=50,asyncTimeout=2000");
        await using var store = Store(multiplexer, TimeSpan.FromSeconds(2));
        var accepted = new List<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writer = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var submission = Submission(store);
                    try
                    {
                        await store.EnqueueAsync(submission, CancellationToken.None);
                        accepted.Add(submission.Id);
                    }
                    catch (Exception exception) when (exception is RunStoreUnavailableException)
                    {
                        // Not acknowledged: it may be there or not.
                    }
                }
            },
            Token);
        await WaitForAsync(() => accepted.Count > 200);

        await server.RestartAsync();
        var before = accepted.Count;
        await WaitForAsync(() => accepted.Count > before + 50);
        await stop.CancelAsync();
        await writer;

        foreach (var id in accepted)
        {
            Assert.NotNull(await AgainAsync(() => store.GetAsync(id, Token).AsTask()));
        }
    }

    [Fact]
    public async Task ClientKillAndScriptFlush_UnderWork_EachRunEndsOnce()
    {
        await using var server = await RedisServer.StartAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},abortConnect=false,connectRetry=50");
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true,name=admin");
        await using var store = Store(multiplexer);
        var accepted = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            accepted.Add(await AcceptAsync(store));
        }

        var completed = 0;
        var worker = Task.Run(
            async () =>
            {
                while (completed < accepted.Count)
                {
                    // A claim whose answer was lost comes back when its lease has ended.
                    foreach (var claim in await AgainAsync(() => ClaimAsync(store, 3, TimeSpan.FromSeconds(1)).AsTask()))
                    {
                        var outcome = await AgainAsync(() => store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Succeeded, Result = "done" }, Token).AsTask());
                        completed += outcome == RunWriteOutcome.LeaseLost ? 0 : 1;
                    }

                    await AgainAsync(() => SweepAsync(store));
                }
            },
            Token);
        for (var i = 0; !worker.IsCompleted && i < 10_000; i++)
        {
            await (i % 2 == 0 ? admin.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") : admin.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH"));
            await Task.WhenAny(worker, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token));
        }

        await worker;

        Assert.Equal(accepted.Count, completed);
        foreach (var id in accepted)
        {
            var page = await AgainAsync(() => store.ReadEventsAsync(id, 0, 1_000, Token).AsTask());
            Assert.Single(page!.Events, static runEvent => runEvent.Type == AgentRunEventTypes.RunCompleted);
        }
    }

    [Fact]
    public async Task ServerHangsForLongerThanALease_SweepsThatWaitInIt_TakeNoRun()
    {
        var lease = TimeSpan.FromSeconds(10);
        await using var server = await RedisServer.StartAsync();
        await using var first = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true,syncTimeout=2000,asyncTimeout=2000");
        await using var second = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},syncTimeout=2000,asyncTimeout=2000");
        var options = SharedRedis.NewOptions();
        options.CommandTimeout = TimeSpan.FromSeconds(2);
        await using var worker = Store(first, options);
        await using var sweeper = Store(second, options);
        await AcceptAsync(worker);
        var held = Assert.Single(await ClaimAsync(worker, 1, lease)).Lease;
        Assert.Empty(await ClaimAsync(sweeper, 1, lease));
        for (var started = Stopwatch.StartNew(); started.Elapsed < lease * 1.3; await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Token))
        {
            await AgainAsync(() => SweepAsync(sweeper));
            Assert.Equal([RunRenewalOutcome.Held], await AgainAsync(() => worker.RenewAsync([held], lease, Token).AsTask()));
        }

        await first.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "20000", "ALL");
        await AgainAsync(() => SweepAsync(sweeper));
        // The worker asks after it, as where the server comes to its connection later.
        Assert.Equal([RunRenewalOutcome.Held], await AgainAsync(() => worker.RenewAsync([held], lease, Token).AsTask()));
    }

    private static RedisRunStore Store(IConnectionMultiplexer multiplexer, TimeSpan? timeout = null)
    {
        var options = SharedRedis.NewOptions();
        options.CommandTimeout = timeout ?? options.CommandTimeout;
        return Store(multiplexer, options);
    }

    private static RedisRunStore Store(IConnectionMultiplexer multiplexer, RedisOptions options) => new(
        new RedisConnection(new RedisSource(multiplexer), Microsoft.Extensions.Options.Options.Create(options)),
        Microsoft.Extensions.Options.Options.Create(new RunStoreOptions()),
        NullLogger<RedisRunStore>.Instance);

    private static RunSubmission Submission(RedisRunStore store) => new()
    {
        Id = store.CreateRunId("ann"),
        Agent = "assistant",
        Message = "Hello",
        Identity = new AgentIdentity { UserId = "ann" },
        ExpireAfter = TimeSpan.FromHours(1),
    };

    private static async Task<string> AcceptAsync(RedisRunStore store)
    {
        var submission = Submission(store);
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(submission, Token)).Outcome);
        return submission.Id;
    }

    private static ValueTask<IReadOnlyList<ClaimedRun>> ClaimAsync(RedisRunStore store, int max, TimeSpan? lease = null) => store.ClaimAsync(
        new RunClaimRequest { WorkerId = "w", MaxRuns = max, LeaseDuration = lease ?? TimeSpan.FromMinutes(5), Agents = new Dictionary<string, int> { ["assistant"] = max } }, Token);

    private static async Task<bool> SweepAsync(RedisRunStore store)
    {
        await store.SweepAsync(new RunSweepRequest { MaxCrashes = 1_000 }, Token);
        return true;
    }

    private static async Task<T> AgainAsync<T>(Func<Task<T>> command)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await command();
            }
            catch (Exception exception) when (exception is RunStoreUnavailableException && attempt < 200)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
            }
        }
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        for (var i = 0; i < 3_000 && !condition(); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        Assert.True(condition());
    }

    /// <summary>Writes until the server refuses, or as much as is said.</summary>
    private static async Task FillAsync(IDatabase database, TimeSpan? expiry = null, int most = int.MaxValue)
    {
        var value = new string('x', 1_000);
        for (var i = 0; i < most; i++)
        {
            try
            {
                await database.StringSetAsync($"fill:{i}", value, expiry, When.Always);
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("OOM", StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private static async Task<long> EvictedAsync(ConnectionMultiplexer multiplexer)
    {
        var info = (await multiplexer.GetDatabase().ExecuteAsync("INFO", "stats")).ToString();
        return long.Parse(info.Split('\n').Single(static line => line.StartsWith("evicted_keys:", StringComparison.Ordinal))["evicted_keys:".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
