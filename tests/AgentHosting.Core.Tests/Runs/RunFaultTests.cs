using System.Reflection;
using AgentHosting.Runs;
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
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("pay", "{}"), ScriptedTurn.Text("Paid."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(
                    async () =>
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
                        return "paid";
                    },
                    "pay"))
                .Configure(options => options.ToolTimeout = TimeSpan.FromMilliseconds(50))));

        var run = await host.RunAsync("Go");

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

    private static void Decorate(IServiceCollection services)
    {
        var original = services.Last(service => service.ServiceType == typeof(IRunStore));
        services.AddSingleton(provider =>
        {
            var store = DispatchProxy.Create<IRunStore, StoreThatFailsOnce>();
            ((StoreThatFailsOnce)store).Inner = (IRunStore)ActivatorUtilities.CreateInstance(provider, original.ImplementationType!);
            return store;
        });
    }

    /// <summary>Fails the first commit of a tool step, as a connection that breaks before the command arrives.</summary>
#pragma warning disable CA1852, CA2012 // DispatchProxy derives from it at run time, and hands results on as objects.
    private class StoreThatFailsOnce : DispatchProxy
    {
        private int _failed;

        public IRunStore Inner { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IRunStore.CommitStepAsync) && args![1] is RunStep { Kind: RunStepKind.Tool } && Interlocked.Exchange(ref _failed, 1) == 0
                ? (object)Broken()
                : targetMethod.Invoke(Inner, args);

        private static async ValueTask<RunWriteOutcome> Broken()
        {
            await Task.Yield();
            throw new IOException("The connection broke.");
        }
    }
#pragma warning restore CA1852, CA2012
}
