using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A worker that cannot renew its leases stops before another may take them over.</summary>
public sealed class LeaseRenewerTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        var renewal = new LeaseRenewer(faults.Store, [attempt], host.Time, Lease, NullLogger.Instance).RunAsync(stop.Token);
        for (var second = 0; second < 25; second++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            // Its continuations run on the pool.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        Assert.Equal(RunStopReason.LeaseLost, attempt.StopReason);
        Assert.True(asked >= 1);
        await stop.CancelAsync();
        await renewal;
    }
}
