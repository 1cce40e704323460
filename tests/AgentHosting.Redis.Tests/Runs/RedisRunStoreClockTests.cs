using AgentHosting.Compliance;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>A server whose clock is set forward or back while workers live.</summary>
public sealed class RedisRunStoreClockTests(SharedRedis redis) : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly RedisOptions _options = SharedRedis.NewOptions();
    private readonly MovableClock _server = new();
    private readonly FakeTimeProvider _local = new();
    private RedisRunStore? _store;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RedisRunStore Store => _store ??= NewStore();

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sweep_ClockWasSetForward_LeavesLiveWorkersAMomentToRenew()
    {
        var (live, dead) = (await ClaimAsync(), await ClaimAsync());
        Assert.Equal(0, await SweepAsync());
        Pass(Second);
        _server.Now += TimeSpan.FromMinutes(10);

        Assert.Equal(0, await SweepAsync());
        Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([live], Lease, Token));
        Pass(Second * 20);
        Assert.Equal(0, await SweepAsync());
        Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([live], Lease, Token));
        Pass(Second * 11);
        Assert.Equal(1, await SweepAsync());
        Assert.Equal([RunRenewalOutcome.Held, RunRenewalOutcome.Lost], await Store.RenewAsync([live, dead], Lease, Token));
    }

    [Fact]
    public async Task Sweep_ProcessBeginsAfterTheClockWasSetForward_LeavesLiveWorkersAMomentToRenew()
    {
        var (live, dead) = (await ClaimAsync(), await ClaimAsync());
        await RunOnAsync(Lease, live, dead);
        _server.Now += TimeSpan.FromMinutes(10);
        await using var other = NewStore();

        Assert.Equal(0, await SweepAsync(other));
        Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([live], Lease, Token));
        Pass(Lease - Second);
        Assert.Equal(0, await SweepAsync(other));
        Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([live], Lease, Token));
        Pass(Second);
        Assert.Equal(1, await SweepAsync(other));
        Assert.Equal([RunRenewalOutcome.Held, RunRenewalOutcome.Lost], await Store.RenewAsync([live, dead], Lease, Token));
    }

    [Fact]
    public async Task Sweep_ProcessBeginsBesideOthers_RecoversAtTheEndOfTheLease()
    {
        var lease = await ClaimAsync();
        await RunOnAsync(Lease, lease);
        await RunOnAsync(Lease - Second);
        await using var other = NewStore();

        Assert.Equal(0, await SweepAsync(other));
        Pass(Second);
        Assert.Equal(1, await SweepAsync(other));
    }

    [Fact]
    public async Task Sweep_ProcessBeginsWhereNoneWas_RecoversAfterALease()
    {
        await ClaimAsync();
        await RunOnAsync(Second * 3);
        Pass(Lease * 2);
        await using var other = NewStore();

        Assert.Equal(0, await SweepAsync(other));
        Pass(Lease - Second);
        Assert.Equal(0, await SweepAsync(other));
        Pass(Second);
        Assert.Equal(1, await SweepAsync(other));
    }

    [Fact]
    public async Task Sweep_ClockRunsOn_RecoversAtTheEndOfTheLease()
    {
        await ClaimAsync();
        for (var second = 0; second < 30; second++)
        {
            Assert.Equal(0, await SweepAsync());
            Pass(Second);
        }

        Assert.Equal(1, await SweepAsync());
    }

    [Fact]
    public async Task Sweep_ClockWasSetBack_DeadWorkersRunIsRecoveredAfterOneLease()
    {
        await ClaimAsync();
        Assert.Equal(0, await SweepAsync());
        _server.Now -= TimeSpan.FromMinutes(10);

        Assert.Equal(0, await SweepAsync());
        Pass(Lease - Second);
        Assert.Equal(0, await SweepAsync());
        Pass(Second * 2);
        Assert.Equal(1, await SweepAsync());
    }

    [Fact]
    public async Task Sweep_ClockWasSetBack_RunOfADeadWorkerIsReadyOnceRecovered()
    {
        await ClaimAsync();
        await SetBackAsync();
        Pass(Lease + Second);
        Assert.Equal(1, await SweepAsync());

        Assert.Single(await ClaimAllAsync());
    }

    [Fact]
    public async Task Claim_ClockWasSetBackWhileARunWaitedForItsSession_IsReady()
    {
        await EnqueueAsync(session: "s");
        await EnqueueAsync(session: "s");
        var first = Assert.Single(await ClaimAllAsync()).Lease;
        _server.Now -= TimeSpan.FromMinutes(10);
        Assert.Equal(RunWriteOutcome.Committed, await Store.CompleteAsync(first, new RunCompletion { Status = AgentRunStatus.Succeeded }, Token));

        Assert.Single(await ClaimAllAsync());
    }

    [Fact]
    public async Task Sweep_ClockWasSetBack_DelayIsNoLonger()
    {
        await EnqueueAsync(delay: Second * 10);
        await SetBackAsync();
        Pass(Second * 9);
        Assert.Empty(await ClaimAllAsync());
        Pass(Second * 2);

        Assert.Single(await ClaimAllAsync());
    }

    [Fact]
    public async Task Sweep_ClockWasSetBack_WaitIsNoLonger()
    {
        var wait = new RunWait
        {
            Key = "1.0/delay",
            RequestId = "r",
            Kind = RunStepKind.Timer,
            Name = "delay",
            Timeout = Second * 10,
            AnswerWhenDue = new RunAnswer { Decision = "due", Payload = "{}"u8.ToArray(), Version = 1 },
        };
        var lease = await ClaimAsync();
        await Store.OpenWaitAsync(lease, wait, [], Token);
        Assert.Equal(RunWriteOutcome.Committed, await Store.SuspendAsync(lease, new RunSuspension(), Token));
        await SetBackAsync();
        Pass(Second * 9);
        Assert.Empty(await ClaimAllAsync());
        Pass(Second * 2);

        Assert.Single(await ClaimAllAsync());
    }

    [Fact]
    public async Task Sweep_ClockWasSetBackWhileNoProcessWas_DeadWorkersRunIsRecoveredAfterOneLease()
    {
        await ClaimAsync();
        await RunOnAsync(Second * 3);
        _server.Now -= TimeSpan.FromMinutes(10);
        await using var other = NewStore();

        Assert.Equal(0, await SweepAsync(other));
        Pass(Lease - Second);
        Assert.Equal(0, await SweepAsync(other));
        Pass(Second * 2);
        Assert.Equal(1, await SweepAsync(other));
    }

    [Fact]
    public async Task Sweep_ClockWasSetBackWhileNoProcessWas_DelayIsNoLonger()
    {
        await EnqueueAsync(delay: Second * 10);
        await SweepAsync();
        _server.Now -= TimeSpan.FromMinutes(10);
        await using var other = NewStore();
        await SweepAsync(other);
        Pass(Second * 9);
        Assert.Empty(await ClaimAllAsync());
        Pass(Second * 2);

        Assert.Single(await ClaimAllAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public async Task Sweep_ClockWasSetForward_LongerLeasesAreLeftAloneForAsLong(int minutes)
    {
        var length = TimeSpan.FromMinutes(minutes);
        var (live, dead) = (await ClaimAsync(length), await ClaimAsync(length));
        // Of a process that takes no runs.
        await using var other = NewStore();
        await SweepAsync(other);
        Pass(length / 3);
        await SweepAsync(other);
        _server.Now += length * 2;
        for (var third = 0; third < 3; third++)
        {
            Assert.Equal(0, await SweepAsync(other));
            Pass(length / 3 - Second);
            await using var late = NewStore();
            Assert.Equal(0, await SweepAsync(other));
            Assert.Equal(0, await SweepAsync(late));
            Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([live], length, Token));
            Pass(Second);
        }

        Assert.Equal(1, await SweepAsync(other));
        Assert.Equal([RunRenewalOutcome.Held, RunRenewalOutcome.Lost], await Store.RenewAsync([live, dead], length, Token));
    }

    [Fact]
    public async Task Sweep_ClockWasSetBackAndForthSinceTheLastOne_LiveWorkerKeepsItsRun()
    {
        var lease = await ClaimAsync();
        await RunOnAsync(Lease, lease);
        await SweepAsync();
        _server.Now -= TimeSpan.FromMinutes(10);
        Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([lease], Lease, Token));
        _server.Now += TimeSpan.FromMinutes(10);
        Pass(Second);

        Assert.Equal(0, await SweepAsync());
        Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([lease], Lease, Token));
    }

    [Fact]
    public async Task Sweep_OnlyAnotherSawTheClockSetBackAndForth_LiveWorkerKeepsItsRun()
    {
        var lease = await ClaimAsync();
        await using var other = NewStore();
        await SweepAsync(other);
        await RunOnAsync(Lease, lease);
        await SweepAsync(other);
        _server.Now -= TimeSpan.FromMinutes(10);
        await SweepAsync();
        _server.Now += TimeSpan.FromMinutes(10);
        Pass(Second);
        await SweepAsync();

        Assert.Equal(0, await SweepAsync(other));
        Assert.Equal([RunRenewalOutcome.Held], await Store.RenewAsync([lease], Lease, Token));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task Release_ClockWasSetDuringTheAttempt_OnlyWhatItTookCounts(int minutes)
    {
        var lease = await ClaimAsync();
        Pass(Second * 10);
        await Store.RenewAsync([lease], Lease, Token);
        _server.Now += TimeSpan.FromMinutes(minutes);
        Pass(Second * 10);
        await Store.RenewAsync([lease], Lease, Token);
        Pass(Second * 10);
        Assert.Equal(RunWriteOutcome.Committed, await Store.ReleaseAsync(lease, new RunRelease { Failed = true }, Token));

        Assert.InRange((await Store.GetAsync(lease.RunId, Token))!.ElapsedInAttempts, Second * 20, Lease * 2);
    }

    private RedisRunStore NewStore() => new(
        new RedisConnection(new RedisSource(redis.Multiplexer), Microsoft.Extensions.Options.Options.Create(_options)) { Clock = _server, LocalClock = _local },
        Microsoft.Extensions.Options.Options.Create(new RunStoreOptions()),
        NullLogger<RedisRunStore>.Instance);

    /// <summary>Between two sweeps, which both see the clock.</summary>
    private async Task SetBackAsync()
    {
        await SweepAsync();
        _server.Now -= TimeSpan.FromMinutes(10);
        await SweepAsync();
    }

    private void Pass(TimeSpan time)
    {
        _server.Now += time;
        _local.Advance(time);
    }

    /// <summary>A worker of the store sweeps every second, and renews these leases; none is lost.</summary>
    private async Task RunOnAsync(TimeSpan time, params RunLease[] renewed)
    {
        for (var at = TimeSpan.Zero; at < time; at += Second)
        {
            Assert.Equal(0, await SweepAsync());
            Pass(Second);
            Assert.All(await Store.RenewAsync(renewed, Lease, Token), static outcome => Assert.Equal(RunRenewalOutcome.Held, outcome));
        }
    }

    private Task<int> SweepAsync() => SweepAsync(Store);

    private static async Task<int> SweepAsync(RedisRunStore store) => (await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token)).Recovered;

    private async Task<RunLease> ClaimAsync(TimeSpan? length = null)
    {
        await EnqueueAsync();
        return Assert.Single(await ClaimAllAsync(length)).Lease;
    }

    private ValueTask<IReadOnlyList<ClaimedRun>> ClaimAllAsync(TimeSpan? length = null) =>
        Store.ClaimAsync(new RunClaimRequest { WorkerId = "w", MaxRuns = 10, LeaseDuration = length ?? Lease, Agents = new Dictionary<string, int> { ["a"] = 10 } }, Token);

    private async Task EnqueueAsync(TimeSpan delay = default, string? session = null) => await Store.EnqueueAsync(
        new RunSubmission
        {
            Id = Store.CreateRunId("ann"),
            Agent = "a",
            Message = "Hello",
            Identity = new AgentIdentity { UserId = "ann" },
            SessionId = session,
            Delay = delay,
            ExpireAfter = TimeSpan.FromDays(1),
        },
        Token);
}
