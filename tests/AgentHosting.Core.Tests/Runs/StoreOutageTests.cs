using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>That the store cannot be reached is not the run's fault.</summary>
public sealed class StoreOutageTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_TwoOfThreeWritesFail_CountsNoFailureAndCallsNothingTwice()
    {
        var called = 0;
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("pay", "{}"), ScriptedTurn.Text("Paid."));
        StoreOutage? outage = null;
        await using var host = await TestHost.StartAsync(hosting =>
        {
            Surround(hosting.Services, store => outage = store);
            hosting.AddModel("mini", _ => model).AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(() => $"paid {++called}", "pay"))
                .Configure(options => options.MaxAttempts = 1));
        });
        Assert.NotNull(host.Store);
        outage!.LosesTwoOfThree = true;

        var run = await host.RunAsync("Pay");

        Assert.Equal(("Paid.", 1, 0, 0), (run.Result, run.Attempts, run.Failures, run.Crashes));
        Assert.Equal((2, 1), (model.CallCount, called));
        var events = await host.EventsAsync(run.Id);
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(static told => (int)told.Sequence));
        Assert.Equal(3, events.Count(static told => told.Type == AgentRunEventTypes.StepCompleted));
    }

    [Fact]
    public async Task Work_StoreIsAwayForMostOfALease_ToolIsStoppedAndTheRunGoesBackUncounted()
    {
        var time = new FakeTimeProvider();
        using var begun = new SemaphoreSlim(0);
        var stopped = new TaskCompletionSource<DateTimeOffset>(TaskCreationOptions.RunContinuationsAsynchronously);
        var called = 0;
        var tool = AIFunctionFactory.Create(
            async (CancellationToken cancellationToken) =>
            {
                if (Interlocked.Increment(ref called) == 1)
                {
                    begun.Release();
                    try
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
                    }
                    finally
                    {
                        stopped.TrySetResult(time.GetUtcNow());
                    }
                }

                return "found";
            },
            "look");
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("look", "{}"), ScriptedTurn.Text("Found."));
        StoreOutage? outage = null;
        await using var host = await TestHost.StartAsync(hosting =>
        {
            Surround(hosting.Services, store => outage = store);
            hosting.Services.AddSingleton<TimeProvider>(time);
            hosting.ConfigureWorker(options => options.LeaseDuration = Lease).AddModel("mini", _ => model).AddAgent("a", agent => agent
                .WithTool(tool, ToolRisk.Low).Configure(options => options.MaxAttempts = 1));
        });
        var id = (await host.Client.SubmitAsync(new AgentRunRequest { Message = "Go" }, Token)).RunId;
        Assert.True(await begun.WaitAsync(TimeSpan.FromSeconds(30), Token));
        outage!.IsAway = true;
        var away = time.GetUtcNow();
        await AdvanceAsync(time, seconds: 24);
        // The fence may have looked just before and look again two seconds later.
        for (var second = 0; second < 2 && await Task.WhenAny(stopped.Task, Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Token)) != stopped.Task; second++)
        {
            await AdvanceAsync(time, seconds: 1);
        }

        Assert.True(await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token) <= away + (Lease * 0.8) + TimeSpan.FromSeconds(2));

        // Time stops before the lease ends, so that no sweep takes the run for that of a lost worker.
        outage.IsAway = false;
        var limit = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(60);
        AgentRun run;
        while ((run = (await outage.Inner.GetAsync(id, Token))!).CompletedAt is null)
        {
            Assert.True(TimeProvider.System.GetUtcNow() < limit, $"The run is {run.Status}.");
            if (run.Status == AgentRunStatus.Queued || time.GetUtcNow() < away + TimeSpan.FromSeconds(28))
            {
                await AdvanceAsync(time, seconds: 1);
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
            }
        }

        Assert.Equal(("Found.", 2, 0, 0), (run.Result, run.Attempts, run.Failures, run.Crashes));
        Assert.Equal((2, 2), (model.CallCount, called));
    }

    [Fact]
    public async Task Stop_StoreIsAway_WorkerDoesNotWaitForIt()
    {
        using var called = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        using var model = new ScriptedChatClient(_ =>
        {
            called.Release();
            release.Wait(CancellationToken.None);
            return ScriptedTurn.Text("Done.");
        });
        StoreOutage? outage = null;
        await using var host = await TestHost.StartAsync(hosting =>
        {
            Surround(hosting.Services, store => outage = store);
            hosting.ConfigureWorker(static options => options.DrainTimeout = TimeSpan.FromSeconds(1)).AddModel("mini", _ => model).AddAgent("a");
        });
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Go" }, Token);
        Assert.True(await called.WaitAsync(TimeSpan.FromSeconds(30), Token));
        outage!.IsAway = true;
        release.Release();
        var before = outage.Commands;
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Token);

        // It tried more than once, and then left the run to the end of its lease.
        Assert.True(outage.Commands > before + 2);
        outage.IsAway = false;
        Assert.Equal(AgentRunStatus.Running, (await host.Store.GetAsync(submission.RunId, Token))!.Status);
    }

    private static void Surround(IServiceCollection services, Action<StoreOutage> made)
    {
        var original = services.Last(service => service.ServiceType == typeof(IRunStore));
        services.AddSingleton(provider =>
        {
            var outage = StoreOutage.Around((IRunStore)ActivatorUtilities.CreateInstance(provider, original.ImplementationType!));
            made(outage);
            return outage.Store;
        });
    }

    private static async Task AdvanceAsync(FakeTimeProvider time, int seconds)
    {
        for (var tenth = 0; tenth < seconds * 2; tenth++)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            // Renewals and repeated writes run on the pool.
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }
    }
}
