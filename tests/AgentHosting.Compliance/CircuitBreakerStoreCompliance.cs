using AgentHosting.CircuitBreakers;
using Xunit;

namespace AgentHosting.Compliance;

/// <summary>What every store of circuits does. A subclass gives the store and moves its clock.</summary>
public abstract class CircuitBreakerStoreCompliance
{
    private const string Key = "model";

    /// <summary>The rules of these tests: short, so that a store on a real clock is tested in little time.</summary>
    protected virtual CircuitSettings Settings { get; } = new()
    {
        FailureRatio = 0.5,
        MinimumCalls = 4,
        Window = TimeSpan.FromSeconds(10),
        OpenDuration = TimeSpan.FromSeconds(2),
        MaxOpenDuration = TimeSpan.FromSeconds(5),
        SuccessesToClose = 2,
        ProbeLease = TimeSpan.FromSeconds(4),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ICircuitBreakerStore Store => field ??= CreateStore();

    /// <summary>A store that holds nothing.</summary>
    protected abstract ICircuitBreakerStore CreateStore();

    /// <summary>Lets time pass for the store.</summary>
    protected abstract Task AdvanceAsync(TimeSpan time);

    [Fact]
    public async Task TryAcquire_NewKey_Allows()
    {
        var decision = await AcquireAsync();

        Assert.True(decision.IsAllowed);
        Assert.False(decision.Permit.IsProbe);
        Assert.Equal(Key, decision.Permit.Key);
        Assert.Equal(CircuitState.Closed, (await StatusAsync()).State);
    }

    [Fact]
    public async Task Report_FailuresBelowMinimumCalls_StaysClosed()
    {
        for (var i = 0; i < Settings.MinimumCalls - 1; i++)
        {
            Assert.Equal(CircuitTransition.None, (await CallAsync(CircuitOutcome.Failure)).Transition);
        }

        Assert.True((await AcquireAsync()).IsAllowed);
        Assert.Equal(Settings.MinimumCalls - 1, (await StatusAsync()).Failures);
    }

    [Fact]
    public async Task Report_RatioReached_OpensForOpenDuration()
    {
        await CallAsync(CircuitOutcome.Success);
        await CallAsync(CircuitOutcome.Success);
        await CallAsync(CircuitOutcome.Failure);
        var result = await CallAsync(CircuitOutcome.Failure);

        Assert.Equal(CircuitTransition.Opened, result.Transition);
        Assert.Equal(Settings.OpenDuration, result.OpenFor);
        var refused = await AcquireAsync();
        Assert.False(refused.IsAllowed);
        Assert.InRange(refused.RetryAfter, TimeSpan.FromTicks(1), Settings.OpenDuration);
    }

    [Fact]
    public async Task Report_RatioNotReached_StaysClosed()
    {
        for (var i = 0; i < 6; i++)
        {
            await CallAsync(CircuitOutcome.Success);
        }

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(CircuitTransition.None, (await CallAsync(CircuitOutcome.Failure)).Transition);
        }

        Assert.Equal(CircuitTransition.Opened, (await CallAsync(CircuitOutcome.Failure)).Transition);
    }

    [Fact]
    public async Task Report_FailuresOlderThanWindow_AreForgotten()
    {
        for (var i = 0; i < Settings.MinimumCalls - 1; i++)
        {
            await CallAsync(CircuitOutcome.Failure);
        }

        await AdvanceAsync(Settings.Window + TimeSpan.FromSeconds(1));

        Assert.Equal(CircuitTransition.None, (await CallAsync(CircuitOutcome.Failure)).Transition);
        Assert.Equal(1, (await StatusAsync()).Failures);
    }

    [Fact]
    public async Task Report_Neutral_IsNotCounted()
    {
        for (var i = 0; i < 20; i++)
        {
            await CallAsync(CircuitOutcome.Neutral);
        }

        var status = await StatusAsync();
        Assert.Equal((0, 0), (status.Successes, status.Failures));
        Assert.Equal(CircuitState.Closed, status.State);
    }

    [Fact]
    public async Task TryAcquire_OpenTimeOver_AdmitsExactlyOneProbe()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);

        var decisions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await AcquireAsync(), Token)));

        var probe = Assert.Single(decisions, decision => decision.IsAllowed);
        Assert.True(probe.Permit.IsProbe);
        Assert.All(decisions.Where(decision => !decision.IsAllowed), refused => Assert.True(refused.RetryAfter > TimeSpan.Zero));
        Assert.True((await StatusAsync()).ProbeInFlight);
    }

    [Fact]
    public async Task Report_EnoughProbesSucceed_Closes()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);

        Assert.Equal(CircuitTransition.None, (await CallAsync(CircuitOutcome.Success)).Transition);
        Assert.Equal(CircuitState.HalfOpen, (await StatusAsync()).State);
        Assert.Equal(CircuitTransition.Closed, (await CallAsync(CircuitOutcome.Success)).Transition);

        var status = await StatusAsync();
        Assert.Equal((CircuitState.Closed, 0, 0), (status.State, status.Successes, status.Failures));
        Assert.False((await AcquireAsync()).Permit.IsProbe);
    }

    [Fact]
    public async Task Report_ProbesFail_DoublesUpToTheMaximum()
    {
        var lengths = new List<TimeSpan> { await OpenAsync() };
        for (var i = 0; i < 3; i++)
        {
            await AdvanceAsync(lengths[^1]);
            var result = await CallAsync(CircuitOutcome.Failure);
            Assert.Equal(CircuitTransition.Opened, result.Transition);
            lengths.Add(result.OpenFor);
        }

        Assert.Equal([Settings.OpenDuration, Settings.OpenDuration * 2, Settings.MaxOpenDuration, Settings.MaxOpenDuration], lengths);
    }

    [Fact]
    public async Task Report_ClosedAfterDoubling_StartsAtOpenDurationAgain()
    {
        var length = await OpenAsync();
        await AdvanceAsync(length);
        length = (await CallAsync(CircuitOutcome.Failure)).OpenFor;
        await AdvanceAsync(length);
        await CallAsync(CircuitOutcome.Success);
        await CallAsync(CircuitOutcome.Success);

        Assert.Equal(Settings.OpenDuration, await OpenAsync());
    }

    [Fact]
    public async Task Report_NeutralProbe_GivesThePermitBack()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        await CallAsync(CircuitOutcome.Neutral);

        var next = await AcquireAsync();

        Assert.True(next.IsAllowed);
        Assert.True(next.Permit.IsProbe);
    }

    [Fact]
    public async Task TryAcquire_ProbeLeaseOver_AdmitsAnotherAndIgnoresTheFirst()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        var lost = await AcquireAsync();
        Assert.False((await AcquireAsync()).IsAllowed);
        await AdvanceAsync(Settings.ProbeLease);

        var second = await AcquireAsync();

        Assert.True(second.IsAllowed);
        Assert.Equal(CircuitTransition.None, (await ReportAsync(lost.Permit, CircuitOutcome.Failure)).Transition);
        Assert.False((await AcquireAsync()).IsAllowed);
        Assert.Equal(CircuitState.HalfOpen, (await StatusAsync()).State);
    }

    [Fact]
    public async Task Report_ProbeSucceedsAfterItsLease_CountsOnceBesideTheNextProbe()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        var late = await AcquireAsync();
        await AdvanceAsync(Settings.ProbeLease);
        var second = await AcquireAsync();

        Assert.Equal(CircuitTransition.None, (await ReportAsync(late.Permit, CircuitOutcome.Success)).Transition);
        Assert.Equal(CircuitTransition.None, (await ReportAsync(late.Permit, CircuitOutcome.Success)).Transition);
        Assert.False((await AcquireAsync()).IsAllowed);
        Assert.Equal(CircuitTransition.Closed, (await ReportAsync(second.Permit, CircuitOutcome.Success)).Transition);
    }

    [Fact]
    public async Task Report_ProbesSucceedAfterTheirLeases_Closes()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        var probes = new List<CircuitPermit>();
        for (var i = 0; i < Settings.SuccessesToClose + 1; i++)
        {
            probes.Add((await AcquireAsync()).Permit);
            await AdvanceAsync(Settings.ProbeLease);
        }

        foreach (var probe in probes.Take(Settings.SuccessesToClose - 1))
        {
            Assert.Equal(CircuitTransition.None, (await ReportAsync(probe, CircuitOutcome.Success)).Transition);
        }

        Assert.Equal(CircuitTransition.Closed, (await ReportAsync(probes[^2], CircuitOutcome.Success)).Transition);
        Assert.Equal(default, await ReportAsync(probes[^1], CircuitOutcome.Failure));
        Assert.Equal((CircuitState.Closed, 0), ((await StatusAsync()).State, (await StatusAsync()).Failures));
    }

    [Fact]
    public async Task Report_ProbeOfBeforeTheLatestOpening_ChangesNothing()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        var late = await AcquireAsync();
        await AdvanceAsync(Settings.ProbeLease);
        var opened = await CallAsync(CircuitOutcome.Failure);
        await AdvanceAsync(opened.OpenFor);
        await CallAsync(CircuitOutcome.Success);

        Assert.Equal(default, await ReportAsync(late.Permit, CircuitOutcome.Success));
        Assert.Equal(CircuitState.HalfOpen, (await StatusAsync()).State);
    }

    [Theory]
    [InlineData(CircuitOutcome.Success)]
    [InlineData(CircuitOutcome.Failure)]
    public async Task Report_OfAnOlderGeneration_ChangesNothing(CircuitOutcome outcome)
    {
        var old = await AcquireAsync();
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        await CallAsync(CircuitOutcome.Success);

        var result = await ReportAsync(old.Permit, outcome, TimeSpan.FromMinutes(1));

        Assert.Equal(default, result);
        Assert.Equal(CircuitState.HalfOpen, (await StatusAsync()).State);
        Assert.Equal(CircuitTransition.Closed, (await CallAsync(CircuitOutcome.Success)).Transition);
        await ReportAsync(old.Permit, outcome);
        Assert.Equal((0, 0), ((await StatusAsync()).Successes, (await StatusAsync()).Failures));
    }

    [Fact]
    public async Task Report_ProbeTwice_CountsOnce()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        var probe = await AcquireAsync();

        await ReportAsync(probe.Permit, CircuitOutcome.Success);
        var again = await ReportAsync(probe.Permit, CircuitOutcome.Success);

        Assert.Equal(CircuitTransition.None, again.Transition);
        Assert.Equal(CircuitState.HalfOpen, (await StatusAsync()).State);
    }

    [Fact]
    public async Task Report_Pause_RefusesUntilItsEndAndCountsNothing()
    {
        var result = await CallAsync(CircuitOutcome.Neutral, TimeSpan.FromSeconds(3));

        Assert.Equal((CircuitTransition.Paused, TimeSpan.FromSeconds(3)), (result.Transition, result.OpenFor));
        var refused = await AcquireAsync();
        Assert.False(refused.IsAllowed);
        Assert.InRange(refused.RetryAfter, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(3));
        await AdvanceAsync(TimeSpan.FromSeconds(3));
        var after = await AcquireAsync();
        Assert.True(after.IsAllowed);
        Assert.False(after.Permit.IsProbe);
        Assert.Equal(0, (await StatusAsync()).Failures);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    public async Task Report_TwoPauses_TheLaterEndHolds(int first, int second)
    {
        var (one, two) = (await AcquireAsync(), await AcquireAsync());
        await ReportAsync(one.Permit, CircuitOutcome.Neutral, TimeSpan.FromSeconds(first));
        await ReportAsync(two.Permit, CircuitOutcome.Neutral, TimeSpan.FromSeconds(second));

        await AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.False((await AcquireAsync()).IsAllowed);
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True((await AcquireAsync()).IsAllowed);
    }

    [Fact]
    public async Task Report_PauseLongerThanTheOpenTime_HoldsAfterIt()
    {
        var permits = new List<CircuitPermit>();
        for (var i = 0; i <= Settings.MinimumCalls; i++)
        {
            permits.Add((await AcquireAsync()).Permit);
        }

        await ReportAsync(permits[0], CircuitOutcome.Neutral, Settings.OpenDuration * 2);
        foreach (var permit in permits.Skip(1))
        {
            await ReportAsync(permit, CircuitOutcome.Failure);
        }

        await AdvanceAsync(Settings.OpenDuration);
        Assert.False((await AcquireAsync()).IsAllowed);
        await AdvanceAsync(Settings.OpenDuration);
        Assert.True((await AcquireAsync()).Permit.IsProbe);
    }

    [Fact]
    public async Task Report_PauseOfAProbe_GivesThePermitBack()
    {
        await OpenAsync();
        await AdvanceAsync(Settings.OpenDuration);
        await CallAsync(CircuitOutcome.Neutral, TimeSpan.FromSeconds(1));

        Assert.False((await AcquireAsync()).IsAllowed);
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True((await AcquireAsync()).Permit.IsProbe);
    }

    [Fact]
    public async Task TryAcquire_OtherKey_IsIndependent()
    {
        await OpenAsync();

        Assert.True((await Store.TryAcquireAsync("other", Settings, Token)).IsAllowed);
    }

    [Fact]
    public async Task Report_UnknownKey_ChangesNothing()
    {
        var permit = new CircuitPermit { Key = "never used", Generation = 4711 };

        Assert.Equal(default, await Store.ReportAsync(permit, Settings, CircuitOutcome.Failure, TimeSpan.Zero, Token));
    }

    private ValueTask<CircuitDecision> AcquireAsync() => Store.TryAcquireAsync(Key, Settings, Token);

    private ValueTask<CircuitStatus> StatusAsync() => Store.GetAsync(Key, Settings, Token);

    private ValueTask<CircuitReportResult> ReportAsync(CircuitPermit permit, CircuitOutcome outcome, TimeSpan pauseFor = default) =>
        Store.ReportAsync(permit, Settings, outcome, pauseFor, Token);

    private async Task<CircuitReportResult> CallAsync(CircuitOutcome outcome, TimeSpan pauseFor = default)
    {
        var decision = await AcquireAsync();
        Assert.True(decision.IsAllowed);
        return await ReportAsync(decision.Permit, outcome, pauseFor);
    }

    private async Task<TimeSpan> OpenAsync()
    {
        for (var i = 0; i < Settings.MinimumCalls - 1; i++)
        {
            await CallAsync(CircuitOutcome.Failure);
        }

        var result = await CallAsync(CircuitOutcome.Failure);
        Assert.Equal(CircuitTransition.Opened, result.Transition);
        return result.OpenFor;
    }
}
