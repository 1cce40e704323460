using System.Reflection;
using AgentHosting.Core.Tests.RateLimits;
using AgentHosting.Runs;
using AgentHosting.Stages.Internal;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

public sealed class RunFaultTests
{
    [Fact]
    public async Task Run_CallbackOnTheTokenThrows_TimeLimitStillHolds()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("hang", "{}"), ScriptedTurn.Text("It hangs."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(
                    async (CancellationToken token) =>
                    {
                        token.Register(() => throw new InvalidOperationException("A callback that throws."));
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                    },
                    "hang"))
                .Configure(options => options.ToolTimeout = TimeSpan.FromMilliseconds(50))));

        Assert.Equal("It hangs.", (await host.RunAsync("Go")).Result);
    }

    [Fact]
    public async Task Run_ClientBlocksBeforeItsFirstAwait_TimeLimitStillHolds()
    {
        using var release = new ManualResetEventSlim();
        using var model = new ScriptedChatClient(_ =>
        {
            release.Wait(CancellationToken.None);
            return ScriptedTurn.Text("late");
        });
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.Configure(options => { options.ModelCallTimeout = TimeSpan.FromMilliseconds(50); options.MaxAttempts = 1; })));

        var run = await host.RunAsync("Go");
        release.Set();

        Assert.Equal(AgentRunErrorCodes.ModelCallTimeout, run.Error!.Code);
    }

    [Fact]
    public async Task Run_ToolIsDoneJustAfterItsTimeLimit_ItsResultCounts()
    {
        var time = new DelayCountingClock();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("pay", "{}"), ScriptedTurn.Text("Paid."));
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton<TimeProvider>(time);
            // The fence of its lease waits for a fifteenth of it, and must not be taken for the moment that the tool is given.
            hosting.ConfigureWorker(static options => options.LeaseDuration = TimeSpan.FromMinutes(1)).AddModel("mini", _ => model).AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(
                    async () =>
                    {
                        begun.SetResult();
                        return await done.Task;
                    },
                    "pay"))
                .Configure(options => options.ToolTimeout = TimeSpan.FromMilliseconds(50)));
        });
        var running = host.RunAsync("Go");
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMilliseconds(50));
        await time.WaitForTimersAsync(BoundedCall.Grace, 1);
        done.SetResult("paid");

        var run = await running;

        Assert.Contains(await host.EventsAsync(run.Id), runEvent => runEvent.Type == AgentRunEventTypes.ToolResult && runEvent.Error is null);
    }

    [Fact]
    public async Task Run_CommitOfAToolStepFails_NothingIsBuiltUponIt()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("pay", "{}"),
            ScriptedTurn.Text("Paid."));
        await using var host = await TestHost.StartAsync(hosting =>
        {
            Decorate(hosting.Services);
            hosting.AddModel("mini", _ => model).AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(() => "paid", "pay"))
                .Configure(options => options.RetryDelay = TimeSpan.Zero));
        });

        var run = await host.RunAsync("Pay");

        Assert.Equal(("Paid.", 2, 1), (run.Result, run.Attempts, run.Failures));
        Assert.Equal(["1", "1.0", "2"], run.Steps.Select(step => step.Key));
        // One call of each step: the model was never told that the payment failed.
        Assert.Equal(2, model.CallCount);
    }

    [Fact]
    public async Task Run_StoreFailsWhileAPersonIsAsked_ModelIsNotToldOtherwise()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("pay", "{}", "c0"), ScriptedTurn.Text("done"));
        await using var host = await TestHost.StartAsync(hosting =>
        {
            Decorate(hosting.Services, nameof(IRunStore.OpenWaitAsync));
            hosting.AddModel("mini", _ => model).AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(() => "paid", "pay"), ToolRisk.High)
                .Configure(options => options.RetryDelay = TimeSpan.Zero));
        });
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Pay" }, TestContext.Current.CancellationToken);
        await foreach (var told in host.Client.WatchAsync(submission.RunId, 0, TestContext.Current.CancellationToken))
        {
            if (told.Type == AgentRunEventTypes.RunWaiting)
            {
                var waiting = await host.Client.GetAsync(submission.RunId, TestContext.Current.CancellationToken);
                Assert.Equal(1, model.CallCount);
                await host.Client.AnswerApprovalAsync(
                    submission.RunId, waiting!.Waits[0].RequestId, new AgentRunApproval { Approved = true }, TestContext.Current.CancellationToken);
            }
        }

        var run = await host.Client.GetAsync(submission.RunId, TestContext.Current.CancellationToken);
        Assert.Equal(("done", 1, 2), (run!.Result, run.Failures, model.CallCount));
        Assert.Equal("paid", model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Single().Result!.ToString());
    }

    [Theory]
    [InlineData("pay", null, false, 1)]
    [InlineData("note", ToolRisk.Medium, false, 1)]
    [InlineData("look up", ToolRisk.Low, false, 2)]
    [InlineData("pay once", ToolRisk.Medium, true, 2)]
    public async Task Run_WorkerStopsInsideATool_OneWithEffectsIsNotCalledAgain(string what, ToolRisk? risk, bool isIdempotent, int calls)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var called = 0;
        var tool = AIFunctionFactory.Create(
            async (CancellationToken cancellationToken) =>
            {
                if (Interlocked.Increment(ref called) == 1)
                {
                    begun.SetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                }

                return what;
            },
            "act");
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("act", "{}", "c0"), ScriptedTurn.Text("done"));
        await using var first = await StartAsync(null);
        var submission = await first.Client.SubmitAsync(new AgentRunRequest { Message = "Go" }, TestContext.Current.CancellationToken);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using var second = await StartAsync(first.Store);
        await first.StopAsync();
        var run = await second.Client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken);

        Assert.Equal((AgentRunStatus.Succeeded, "done", calls, 2), (run!.Status, run.Result, called, model.CallCount));
        var seen = model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Single().Result!.ToString()!;
        Assert.Equal(calls == 1, seen.Contains("not known", StringComparison.Ordinal));

        Task<TestHost> StartAsync(IRunStore? store) => TestHost.StartAsync(hosting =>
        {
            hosting.AddModel("mini", _ => model)
                .AddAgent("a", agent => agent.WithTool(tool, options => (options.Risk, options.IsIdempotent) = (risk, isIdempotent)))
                .ConfigureWorker(options => options.DrainTimeout = TimeSpan.Zero);
            if (store is not null)
            {
                hosting.Services.AddSingleton(store);
            }
        });
    }

    private static void Decorate(IServiceCollection services, string command = nameof(IRunStore.CommitStepAsync))
    {
        var original = services.Last(service => service.ServiceType == typeof(IRunStore));
        services.AddSingleton(provider =>
        {
            var store = DispatchProxy.Create<IRunStore, StoreThatFailsOnce>();
            ((StoreThatFailsOnce)store).Command = command;
            ((StoreThatFailsOnce)store).Inner = (IRunStore)ActivatorUtilities.CreateInstance(provider, original.ImplementationType!);
            return store;
        });
    }

    /// <summary>Fails the first command of a kind (of commits the first of a tool step), as a connection that breaks before the command arrives.</summary>
#pragma warning disable CA1852, CA2012 // DispatchProxy derives from it at run time, and hands results on as objects.
    private class StoreThatFailsOnce : DispatchProxy
    {
        private int _failed;

        public IRunStore Inner { get; set; } = null!;

        public string Command { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == Command && args![1] is not RunStep { Kind: not RunStepKind.Tool } && Interlocked.Exchange(ref _failed, 1) == 0
                ? Command == nameof(IRunStore.OpenWaitAsync) ? (object)BrokenWait() : Broken()
                : targetMethod.Invoke(Inner, args);

        private static ValueTask<RunWaitResult> BrokenWait() => ValueTask.FromException<RunWaitResult>(new IOException("The connection broke."));

        private static async ValueTask<RunWriteOutcome> Broken()
        {
            await Task.Yield();
            throw new IOException("The connection broke.");
        }
    }
#pragma warning restore CA1852, CA2012
}
