using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A worker that cannot renew its leases stops before another may take them over.</summary>
public sealed class LeaseRenewerTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_RunTakesLongerThanItsLease_NobodyTakesItOver()
    {
        var time = new LeaseClock(new FakeTimeProvider());
        using var called = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        using var model = new ScriptedChatClient(_ =>
        {
            called.Release();
            release.Wait(CancellationToken.None);
            return ScriptedTurn.Text("At last.");
        });
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton<TimeProvider>(time);
            hosting.ConfigureWorker(options => options.LeaseDuration = Lease).AddModel("mini", _ => model).AddAgent("a");
        });
        var run = host.RunAsync("Go");
        Assert.True(await called.WaitAsync(TimeSpan.FromSeconds(30), Token));
        await time.AdvanceAsync(90, static () => 2);
        release.Set();

        Assert.Equal((1, 0, "At last."), ((await run).Attempts, (await run).Crashes, (await run).Result));
        Assert.Equal(1, model.CallCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Renew_StoreFailsOrDoesNotAnswer_AttemptStopsBeforeItsLeaseEnds(bool answers)
    {
        await using var host = await StartAsync();
        using var attempt = await ClaimAsync(host);
        var faults = RunStoreFaults.Around(host.Store);
        using var end = new ManualResetEventSlim();
        var asked = 0;
        faults.OnRenew = () =>
        {
            Interlocked.Increment(ref asked);
            if (!answers)
            {
                end.Wait(CancellationToken.None);
            }

            throw new IOException("Down.");
        };
        // A thread that asks a store that says nothing waits by no clock.
        int Waiting() => !answers && Volatile.Read(ref asked) > 0 ? 1 : 2;
        var clock = new LeaseClock(host.Time);
        using var renewer = new LeaseRenewer(faults.Store, () => [attempt], clock, Lease, NullLogger.Instance);
        await clock.AdvanceAsync(23, Waiting);
        Assert.Equal(RunStopReason.None, attempt.StopReason);
        await clock.AdvanceAsync(2, Waiting);

        Assert.Equal(RunStopReason.CutOff, attempt.StopReason);
        await UntilCancelledAsync(attempt.Stopping);
        Assert.True(answers ? asked > 2 : asked == 1, $"It asked {asked} times.");
        end.Set();
        await renewer.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Renew_NothingIsKnownOfSome_TheyAreAskedForAgainSoon()
    {
        await using var host = await StartAsync();
        using var known = await ClaimAsync(host);
        using var unknown = await ClaimAsync(host);
        var faults = RunStoreFaults.Around(host.Store);
        var asked = 0;
        faults.OnRenew = () => [RunRenewalOutcome.Held, Interlocked.Increment(ref asked) == 1 ? RunRenewalOutcome.Unknown : RunRenewalOutcome.Held];
        var clock = new LeaseClock(host.Time);
        using var renewer = new LeaseRenewer(faults.Store, () => [known, unknown], clock, Lease, NullLogger.Instance);
        await clock.AdvanceAsync(11, static () => 2);
        Assert.Equal(1, Volatile.Read(ref asked));
        await clock.AdvanceAsync(4, static () => 2);

        Assert.Equal(2, Volatile.Read(ref asked));
        await renewer.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Renew_CallbackOfAToolBlocks_OthersAreRenewedAndFenced()
    {
        await using var host = await StartAsync();
        using var blocked = await ClaimAsync(host);
        using var other = await ClaimAsync(host);
        using var end = new ManualResetEventSlim();
        using var called = new SemaphoreSlim(0);
        await using var callback = blocked.Stopping.Register(() =>
        {
            called.Release();
            end.Wait(CancellationToken.None);
        });
        var faults = RunStoreFaults.Around(host.Store);
        faults.OnRenew = static () => throw new IOException("Down.");
        var clock = new LeaseClock(host.Time);
        using var renewer = new LeaseRenewer(faults.Store, () => [blocked, other], clock, Lease, NullLogger.Instance);
        await clock.AdvanceAsync(26, static () => 2);

        Assert.True(await called.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal((RunStopReason.CutOff, RunStopReason.CutOff), (blocked.StopReason, other.StopReason));
        await UntilCancelledAsync(other.Stopping);
        end.Set();
        await renewer.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Renew_LoggerThrows_GoesOn()
    {
        await using var host = await StartAsync();
        using var attempt = await ClaimAsync(host);
        var faults = RunStoreFaults.Around(host.Store);
        var (asked, onPool) = (0, 0);
        faults.OnRenew = () =>
        {
            onPool += Thread.CurrentThread.IsThreadPoolThread ? 1 : 0;
            return Interlocked.Increment(ref asked) == 1 ? throw new IOException("Down.") : [RunRenewalOutcome.Held];
        };
        var clock = new LeaseClock(host.Time);
        using var renewer = new LeaseRenewer(faults.Store, () => [attempt], clock, Lease, new BrokenLogger());
        await clock.AdvanceAsync(90, static () => 2);

        Assert.Equal(RunStopReason.None, attempt.StopReason);
        Assert.InRange(asked, 5, 9);
        Assert.Equal(0, onPool);
        await renewer.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    private static async Task<AttemptHost> StartAsync() =>
        await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent(AttemptHost.Agent));

    private static async Task<RunAttempt> ClaimAsync(AttemptHost host)
    {
        await host.SubmitAsync();
        var attempt = new RunAttempt(await host.ClaimAsync(), host.Agents.Find(AttemptHost.Agent)!);
        attempt.NoteLease(host.Time.GetTimestamp());
        return attempt;
    }

    // The pool does it.
    private static async Task UntilCancelledAsync(CancellationToken stopping) => await Assert.ThrowsAnyAsync<OperationCanceledException>(
        () => Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, stopping));

    private sealed class BrokenLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("The log is full.");
    }
}
