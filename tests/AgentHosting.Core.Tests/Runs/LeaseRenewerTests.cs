using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
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
        var time = new FakeTimeProvider();
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
        for (var second = 0; second < 90; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            // Renewals and sweeps run on the pool.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        release.Set();

        Assert.Equal((1, 0, "At last."), ((await run).Attempts, (await run).Crashes, (await run).Result));
        Assert.Equal(1, model.CallCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Renew_StoreFailsOrDoesNotAnswer_AttemptStopsBeforeItsLeaseEnds(bool answers)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        await using var host = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent(AttemptHost.Agent));
        await host.SubmitAsync();
        using var attempt = new RunAttempt(await host.ClaimAsync(), host.Agents.Find(AttemptHost.Agent)!);
        var faults = RunStoreFaults.Around(host.Store);
        var forever = new TaskCompletionSource<IReadOnlyList<RunRenewalOutcome>>();
        var asked = 0;
        faults.OnRenew = () =>
        {
            Interlocked.Increment(ref asked);
            return answers ? ValueTask.FromException<IReadOnlyList<RunRenewalOutcome>>(new IOException("Down.")) : new(forever.Task);
        };
        using var stop = new CancellationTokenSource();
        var renewal = new LeaseRenewer(faults.Store, () => [attempt], host.Time, Lease, NullLogger.Instance).RunAsync(stop.Token);
        for (var second = 0; second < 25; second++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            // Its continuations run on the pool.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        Assert.Equal(RunStopReason.CutOff, attempt.StopReason);
        Assert.True(asked >= 1);
        await stop.CancelAsync();
        await renewal;
    }
}
