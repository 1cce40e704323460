using System.Globalization;
using AgentHosting.Agents;
using AgentHosting.CircuitBreakers;
using AgentHosting.Fallbacks;
using AgentHosting.Guardrails;
using AgentHosting.ResponseCaching;
using AgentHosting.Retries;
using AgentHosting.Runs;
using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>Answers that the provider works out in the background outlive the worker that asked for them: nobody asks, and pays, again.</summary>
public sealed class BackgroundAnswerTests
{
    private const string Long = "An answer that takes its time.";
    private int _calls;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public async Task Run_WorkerLostAfterAnyWrite_BeginsEachAnswerOnceAndEndsTheSame(int? polls, bool stages)
    {
        var (expected, result, writes) = await RunAsync(polls, stages, int.MaxValue);
        // The start, the answers' tokens, the steps.
        Assert.True(writes >= (polls == 0 ? 4 : 6), $"{writes} writes");

        for (var lastWrite = 1; lastWrite < writes; lastWrite++)
        {
            var (starts, resultAfter, _) = await RunAsync(polls, stages, lastWrite);

            Assert.Equal(expected, starts);
            Assert.Equal(result, resultAfter);
        }
    }

    [Fact]
    public async Task Run_WorkersLostTwiceInTheMiddle_OneStartAndTwoContinuations()
    {
        using var provider = new BackgroundProvider(null, BackgroundProvider.Answer(new TextContent(Long)));
        await using var host = await AttemptHost.StartAsync(Configure(provider));
        var runId = await host.SubmitAsync("Go", "s");
        foreach (var at in (int[])[3, 5])
        {
            await host.ExecuteUntilLostAsync(runId, began: store => provider.OnUpdate = (_, update) => Lose(store, update == at));
        }

        provider.OnUpdate = null;
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, Long), (run.Status, run.Result));
        Assert.Single(provider.Starts);
        Assert.Equal([0, 0], provider.Continuations);
    }

    [Fact]
    public async Task Run_PolledAndWorkersLostTwice_OneStart()
    {
        using var provider = new BackgroundProvider(4, BackgroundProvider.Answer(new TextContent(Long)));
        await using var host = await AttemptHost.StartAsync(Configure(provider));
        await using var clock = new RunningClock(host.Time, () => provider.IsWaitedFor);
        var runId = await host.SubmitAsync("Go");
        // Entry 0 and a token; then the token of the next poll.
        await host.ExecuteUntilLostAsync(runId, 2);
        await host.ExecuteUntilLostAsync(runId, 1);
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, Long), (run.Status, run.Result));
        Assert.Single(provider.Starts);
        Assert.Equal(4, provider.Continuations.Count);
    }

    [Fact]
    public async Task Run_ProviderForgetsTheAnswer_IsAskedAnewOnce()
    {
        using var provider = new BackgroundProvider(null, BackgroundProvider.Answer(new TextContent("lost")), BackgroundProvider.Answer(new TextContent(Long)));
        await using var host = await AttemptHost.StartAsync(Configure(provider));
        var runId = await host.SubmitAsync("Go");
        await host.ExecuteUntilLostAsync(runId, 2);
        provider.Forget();
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, Long), (run.Status, run.Result));
        Assert.Equal(2, provider.Starts.Count);
        Assert.Equal(provider.Starts[0], provider.Starts[1]);
        Assert.Contains(await EventsAsync(host, runId), static told => told.Type == AgentRunEventTypes.StepRestarted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Run_StreamBreaks_NextAttemptReadsOnAndNoRetryOrFallbackBeginsAnother(int at)
    {
        var isBroken = false;
        using var provider = new BackgroundProvider(null, BackgroundProvider.Answer(new TextContent(Long)));
        provider.OnUpdate = (_, update) =>
        {
            if (update == at && !isBroken)
            {
                isBroken = true;
                throw new HttpRequestException("reset");
            }
        };
        await using var host = await AttemptHost.StartAsync(Configure(provider, stages: true));
        await using var clock = new RunningClock(host.Time, () => provider.IsWaitedFor);
        var runId = await host.SubmitAsync("Go");
        await host.ExecuteAsync(await host.ClaimAsync());
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, Long, 1), (run.Status, run.Result, run.Failures));
        Assert.Single(provider.Starts);
        Assert.Equal([0], provider.Continuations);
    }

    [Fact]
    public async Task Run_PolledForTooLong_NextAttemptReadsOn()
    {
        using var provider = new BackgroundProvider(3, BackgroundProvider.Answer(new TextContent(Long)));
        await using var host = await AttemptHost.StartAsync(Configure(provider, agent: static agent => (agent.ModelCallTimeout, agent.BackgroundPollInterval) = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))));
        await using var clock = new RunningClock(host.Time, () => provider.IsWaitedFor);
        var runId = await host.SubmitAsync("Go");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await host.ExecuteAsync(await host.ClaimAsync());
        }

        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, Long, 3), (run.Status, run.Result, run.Failures));
        Assert.Single(provider.Starts);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public async Task Run_UnderABudget_IsChargedWhatTheProviderBillsAndNotTwice(int? polls)
    {
        using var provider = new BackgroundProvider(polls, BackgroundProvider.Answer(new TextContent(Long)));
        await using var host = await AttemptHost.StartAsync(Configure(provider, stages: true));
        await using var clock = new RunningClock(host.Time, () => provider.IsWaitedFor);
        var runId = await host.SubmitAsync("Go");
        await host.ExecuteUntilLostAsync(runId, 2);
        var run = await host.FinishAsync(runId);

        var rows = await host.Services.GetRequiredService<ISpendLedger>().GetRowsAsync(new SpendQuery(), 100, Token);
        Assert.Equal(AgentRunStatus.Succeeded, run.Status);
        Assert.Equal((1000, 500), (rows.Sum(static row => row.Settlement.InputTokens), rows.Sum(static row => row.Settlement.OutputTokens)));
        // 1,000 of input at 1 and 500 of output at 2 for a million.
        Assert.Equal(0.002m, rows.Sum(static row => row.Settlement.Cost));
        Assert.All(rows.Where(static row => row.Settlement.IsEstimated), static row => Assert.Equal(0, row.Settlement.OutputTokens));
    }

    [Fact]
    public async Task Run_CodeAgent_ReadsOnToo()
    {
        using var provider = new BackgroundProvider(null, BackgroundProvider.Answer(new TextContent(Long)));
        await using var host = await AttemptHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => provider)
            .AddAgent(AttemptHost.Agent, agent => agent
                .RunsCode(async (context, token) => (await context.ChatClient.GetResponseAsync("Go", cancellationToken: token)).Text)
                .Configure(static options => options.AllowBackgroundResponses = true)));
        var runId = await host.SubmitAsync("Go");
        await host.ExecuteUntilLostAsync(runId, 1);
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, Long), (run.Status, run.Result));
        Assert.Single(provider.Starts);
        Assert.Equal([0], provider.Continuations);
    }

    private async Task<(List<string> Starts, string? Result, int Writes)> RunAsync(int? polls, bool stages, int lastWrite)
    {
        _calls = 0;
        using var provider = new BackgroundProvider(
            polls,
            BackgroundProvider.Answer(new TextContent("Let me see. "), new FunctionCallContent("c1", "add", new Dictionary<string, object?> { ["a"] = 1 })),
            BackgroundProvider.Answer(new TextReasoningContent("Now I know.") { ProtectedData = "b3Bh=" }, new TextContent(Long)),
            BackgroundProvider.Answer(new TextContent("Next.")));
        await using var host = await AttemptHost.StartAsync(Configure(provider, stages));
        await using var clock = new RunningClock(host.Time, () => provider.IsWaitedFor);
        var runId = await host.SubmitAsync("Go", "s");
        var writes = await host.ExecuteUntilLostAsync(runId, lastWrite);
        var run = await host.FinishAsync(runId);
        // What the session keeps is what the next run sends.
        var next = await host.FinishAsync(await host.SubmitAsync("And now?", "s"));

        Assert.Equal((AgentRunStatus.Succeeded, AgentRunStatus.Succeeded), (run.Status, next.Status));
        Assert.Equal((1, 3), (_calls, provider.Starts.Count));
        return (provider.Starts, run.Result, writes);
    }

    private Action<IAgentHostingBuilder> Configure(IChatClient provider, bool stages = false, Action<AgentOptions>? agent = null) => hosting =>
    {
        hosting.AddModel("mini", _ => provider, static model => (model.InputPrice, model.OutputPrice) = (1, 2));
        hosting.AddModel("other", static _ => new BackgroundProvider(null), static model => (model.InputPrice, model.OutputPrice) = (1, 2));
        hosting.AddAgent(AttemptHost.Agent, builder =>
        {
            builder.WithTool(AIFunctionFactory.Create((int a) => (_calls += a).ToString(CultureInfo.InvariantCulture), "add")).Configure(options =>
            {
                (options.AllowBackgroundResponses, options.ModelCallTimeout, options.MaxRunDuration) = (true, TimeSpan.FromDays(1), TimeSpan.FromDays(20));
                (options.MaxAttempts, options.BackgroundPollInterval) = (10, TimeSpan.FromMilliseconds(20));
                options.RetryDelay = TimeSpan.Zero;
                agent?.Invoke(options);
            });
            if (stages)
            {
                var budget = new TokenBudgetOptions();
                budget.Limits.Add(new() { MaxCost = 100 });
                var fallback = new FallbackOptions();
                fallback.Models.Add("other");
                builder.UsePipeline(pipeline => pipeline.UseResponseCache(new ResponseCacheOptions()).UseOutputGuard(new OutputGuardOptions()).UseFallback(fallback)
                    .UseRetry(new RetryOptions()).UseCircuitBreaker(new CircuitBreakerOptions()).UseTokenBudget(budget));
            }
        });
    };

    private static void Lose(StoreOfALostWorker store, bool now)
    {
        if (now)
        {
            store.Lose();
        }
    }

    private static async Task<IReadOnlyList<AgentRunEvent>> EventsAsync(AttemptHost host, string runId) =>
        (await host.Store.ReadEventsAsync(runId, 0, 1000, Token))!.Events;
}
