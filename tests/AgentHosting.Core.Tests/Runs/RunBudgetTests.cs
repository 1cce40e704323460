using AgentHosting.Agents;
using AgentHosting.Retries;
using AgentHosting.Runs;
using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

public sealed class RunBudgetTests
{
    [Fact]
    public async Task Run_AttemptsOfACallFail_CostsWhatTheLedgerCharged()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.Fail(new HttpRequestException("reset")), ScriptedTurn.Text("Hello").WithUsage(1_000_000, 500_000));
        await using var host = await StartAsync(model, static budget => budget.Limits.Add(new() { MaxCost = 100 }));

        var run = await host.RunAsync("Hi");

        var rows = await host.Services.GetRequiredService<ISpendLedger>().GetRowsAsync(new SpendQuery(), 10, TestContext.Current.CancellationToken);
        Assert.Equal(2, rows.Count);
        Assert.Equal(rows.Sum(static row => row.Settlement.Cost), run.Cost);
        Assert.True(run.Cost > 0.45m, $"{run.Cost}: the lost request had input too");
    }

    [Theory]
    [InlineData(1, AgentRunStatus.Failed)]
    [InlineData(2, AgentRunStatus.Succeeded)]
    public async Task Run_ModelCallsFailAsAWhole_CostsWhatTheLedgerCharged(int attempts, AgentRunStatus expected)
    {
        // Cut after its first words, which no retry may repeat: the call fails, and is paid for.
        using var model = new ScriptedChatClient(
            Look(), ScriptedTurn.Text("Some words that were said", chunkSize: 5).FailAfter(3, new HttpRequestException("reset")), ScriptedTurn.Text("Hello").WithUsage(1_000_000, 500_000));
        await using var host = await StartAsync(
            model, static budget => budget.Limits.Add(new() { MaxCost = 100 }), agent => (agent.MaxAttempts, agent.RetryDelay) = (attempts, TimeSpan.Zero));

        var run = await host.RunAsync("Hi");

        var rows = await host.Services.GetRequiredService<ISpendLedger>().GetRowsAsync(new SpendQuery(), 10, TestContext.Current.CancellationToken);
        Assert.Equal((expected, attempts + 1), (run.Status, rows.Count));
        Assert.Contains(rows, static row => row.Settlement is { Outcome: SpendOutcome.Failed, Cost: > 0 });
        Assert.Equal(rows.Sum(static row => row.Settlement.Cost), run.Cost);
    }

    [Fact]
    public async Task Run_StreamIsStoppedAtItsBudget_TellsWhatWasUsed()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text(string.Concat(Enumerable.Repeat("some words ", 3000)), chunkSize: 11).WithoutUsage());
        await using var host = await StartAsync(model, static budget => budget.Limits.Add(new() { MaxCost = 100 }), static agent => agent.MaxOutputTokens = 100);

        var run = await host.RunAsync("Hi");

        var row = Assert.Single(await host.Services.GetRequiredService<ISpendLedger>().GetRowsAsync(new SpendQuery(), 10, TestContext.Current.CancellationToken)).Settlement;
        Assert.Equal(SpendOutcome.Stopped, row.Outcome);
        var told = Assert.Single(await host.EventsAsync(run.Id), static runEvent => runEvent.Type == AgentRunEventTypes.Usage);
        Assert.Equal((row.InputTokens, row.OutputTokens, row.Cost), (told.Usage!.InputTokens, told.Usage.OutputTokens, told.Cost));
        Assert.Equal((row.InputTokens, row.OutputTokens, row.Cost), (run.Usage.InputTokens, run.Usage.OutputTokens, run.Cost));
    }

    [Fact]
    public async Task Run_PastItsBudget_FailsWithACodeOfItsOwn()
    {
        using var model = new ScriptedChatClient(Look(), ScriptedTurn.Text("never"));
        await using var host = await StartAsync(model, static budget => budget.Limits.Add(new() { Scope = SpendScope.Run, MaxCalls = 1 }));

        var run = await host.RunAsync("Hi");

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.BudgetExceeded), (run.Status, run.Error!.Code));
        Assert.Contains("The budget of Run", run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(1, model.CallCount);
    }

    [Fact]
    public async Task Run_OfAUserWithoutATenant_IsNotChargedToTheTenantOfItsName()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("one"), ScriptedTurn.Text("two"));
        await using var host = await StartAsync(model, static budget => budget.Limits.Add(new() { Scope = SpendScope.Tenant, MaxCalls = 1 }));

        var statuses = new List<AgentRunStatus>();
        foreach (var identity in new AgentIdentity[] { new() { UserId = "acme" }, new() { UserId = "ann", TenantId = "acme" }, new() { UserId = "acme" } })
        {
            var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Hi", Identity = identity }, TestContext.Current.CancellationToken);
            statuses.Add((await host.Client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken))!.Status);
        }

        Assert.Equal([AgentRunStatus.Succeeded, AgentRunStatus.Succeeded, AgentRunStatus.Failed], statuses);
    }

    [Fact]
    public async Task Run_MoreToolCallsThanAllowed_AreNotMadeAndTheModelAnswers()
    {
        var calls = 0;
        using var model = new ScriptedChatClient(
            Look(), Look(), ScriptedTurn.Fail(503), Look(), ScriptedTurn.Text("Enough."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(() => Interlocked.Increment(ref calls), "look"))
                .Configure(static options => (options.MaxToolCalls, options.RetryDelay) = (2, TimeSpan.Zero))));

        var run = await host.RunAsync("Look");

        Assert.Equal(("Enough.", 2, 2), (run.Result, calls, run.Attempts));
        var told = model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Last().Result;
        Assert.Equal("Error: this task may make 2 tool calls and has made them. Answer with what you have.", told?.ToString());
        Assert.Contains(await host.EventsAsync(run.Id), static runEvent => runEvent.Error?.Code == "tool_call_limit");
    }

    private static ScriptedTurn Look() => ScriptedTurn.ToolCall("look", new Dictionary<string, object?>(), "c");

    private static Task<TestHost> StartAsync(ScriptedChatClient model, Action<TokenBudgetOptions> configure, Action<AgentOptions>? agentOptions = null) => TestHost.StartAsync(hosting => hosting
        .AddModel("mini", _ => model, static options => (options.InputPrice, options.OutputPrice) = (0.15m, 0.60m))
        .AddTokenBudget(configure)
        .AddRetry(static retry => (retry.BaseDelay, retry.MaxDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)))
        .AddAgent("a", agent => agent
            .WithTool(AIFunctionFactory.Create(static () => "found", "look"))
            .Configure(options => agentOptions?.Invoke(options))
            .UsePipeline(static pipeline => pipeline.UseProductionDefaults())));
}
