using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AgentHosting.Compliance;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace AgentHosting.Core.Tests.Runs;

public sealed class AgentRunAdminTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requeue_ProviderIsBack_GoesOnWithoutDoingAnythingTwice()
    {
        var isDown = true;
        var paid = new ConcurrentQueue<string>();
        using var model = new ScriptedChatClient(request => request.Messages.Any(message => message.Role == ChatRole.Tool)
            ? isDown ? ScriptedTurn.Fail(new InvalidOperationException("down")) : ScriptedTurn.Text("Paid.")
            : ScriptedTurn.ToolCall("pay", "{}"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent
                .WithTool(
                    AIFunctionFactory.Create(
                        (AIFunctionArguments arguments) =>
                        {
                            paid.Enqueue(arguments.GetIdempotencyKey()!);
                            return "paid";
                        },
                        "pay"),
                    ToolRisk.Low)
                .Configure(options => options.MaxAttempts = 1)));
        var admin = host.Services.GetRequiredService<IAgentRunAdmin>();
        var failed = await host.RunAsync("Pay", sessionId: "s");
        Assert.Equal(AgentRunStatus.Failed, failed.Status);
        Assert.Equal(failed.Id, Assert.Single((await admin.ListAsync(new RunQuery { IsDeadLetter = true }, Token)).Runs).Id);
        isDown = false;
        var requeued = await admin.RequeueAsync(failed.Id, cancellationToken: Token);
        var run = (await host.Client.WaitAsync(requeued.RunId!, Token))!;

        Assert.Equal(("Paid.", failed.Id), (run.Result, run.OriginId));
        Assert.Equal($"{failed.Id}/1.0", Assert.Single(paid));
        Assert.Equal(["1", "1.0", "2"], run.Steps.Select(step => step.Key));
        Assert.Equal([true, true, false], run.Steps.Select(step => step.Replayed));
        Assert.Equal(run.Id, Assert.Single((await host.Store.GetSessionAsync(AgentIdentity.Anonymous, "s", Token))!.Turns).RunId);
        Assert.Equal(0, (await admin.GetStatisticsAsync(Token)).DeadLetters);
    }

    [Fact]
    public async Task Requeue_WithoutTheJournal_ToolsKeepTheirKeys()
    {
        var keys = new ConcurrentQueue<string>();
        using var model = new ScriptedChatClient(request => request.Messages.Any(message => message.Role == ChatRole.Tool)
            ? keys.Count == 1 ? ScriptedTurn.Fail(new InvalidOperationException("down")) : ScriptedTurn.Text("Paid.")
            : ScriptedTurn.ToolCall("pay", "{}"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create((AIFunctionArguments arguments) => keys.Enqueue(arguments.GetIdempotencyKey()!), "pay"), ToolRisk.Low)
                .Configure(options => options.MaxAttempts = 1)));
        var failed = await host.RunAsync("Pay");
        var requeued = await host.Services.GetRequiredService<IAgentRunAdmin>().RequeueAsync(failed.Id, keepJournal: false, Token);

        Assert.Equal("Paid.", (await host.Client.WaitAsync(requeued.RunId!, Token))!.Result);
        Assert.Equal([$"{failed.Id}/1.0", $"{failed.Id}/1.0"], keys);
    }

    [Fact]
    public async Task Purge_ManyPages_RemovesWhatHasEndedAndMatches()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Hi."));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a", _ => { }));
        for (var i = 0; i < 7; i++)
        {
            await host.RunAsync("Hello", sessionId: i % 2 == 0 ? "even" : "odd");
        }

        var later = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Later", SessionId = "even", Delay = TimeSpan.FromHours(1) }, Token);
        var admin = host.Services.GetRequiredService<IAgentRunAdmin>();

        Assert.Equal(4, await admin.PurgeAsync(new RunQuery { SessionId = "even", PageSize = 2 }, Token));
        Assert.Equal(3, (await admin.ListAsync(new RunQuery { SessionId = "odd" }, Token)).Runs.Count);
        Assert.Equal(later.RunId, Assert.Single((await admin.ListAsync(new RunQuery { SessionId = "even" }, Token)).Runs).Id);
    }

    [Fact]
    public async Task Requeue_UnknownRun_IsNotFound()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Hi."));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a", _ => { }));

        Assert.Equal(RunRequeueOutcome.NotFound, (await host.Services.GetRequiredService<IAgentRunAdmin>().RequeueAsync("run_0_unknown", cancellationToken: Token)).Outcome);
    }

    [Fact]
    public async Task EraseUser_RunIsAtWork_IsCancelledAndErasedWithItsSession()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Stream("a", "b").StallAfter(1));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a", _ => { }));
        var user = new AgentIdentity { UserId = "ann", TenantId = "acme" };
        var other = new AgentIdentity { UserId = "ann", TenantId = "other" };
        var running = (await host.Client.SubmitAsync(new AgentRunRequest { Message = "Hello", Identity = user, SessionId = "s" }, Token)).RunId;
        var behind = (await host.Client.SubmitAsync(new AgentRunRequest { Message = "And?", Identity = user, SessionId = "s" }, Token)).RunId;
        var others = (await host.Client.SubmitAsync(new AgentRunRequest { Message = "Hello", Identity = other, Delay = TimeSpan.FromHours(1) }, Token)).RunId;
        await model.WaitForRequestsAsync(1, Token);

        var erasure = await host.Services.GetRequiredService<IAgentRunAdmin>().EraseUserAsync(user, cancellationToken: Token);

        Assert.Equal((2, 1, 0, true), (erasure.Runs, erasure.Sessions, erasure.Running, erasure.IsComplete));
        Assert.Null(await host.Client.GetAsync(running, Token));
        Assert.Null(await host.Client.GetAsync(behind, Token));
        Assert.NotNull(await host.Client.GetAsync(others, Token));
        Assert.Null(await host.Services.GetRequiredService<IRunStore>().GetSessionAsync(user, "s", Token));
    }

    [Fact]
    public async Task EraseUser_WorkerDoesNotEndTheRun_SaysWhatIsLeft()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Hi."));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a", _ => { }), ("AgentHosting:Worker:Enabled", "false"));
        var user = new AgentIdentity { UserId = "ann" };
        await host.Client.SubmitAsync(new AgentRunRequest { Message = "Hello", Identity = user }, Token);
        await host.Services.GetRequiredService<IRunStore>().ClaimAsync(
            new RunClaimRequest { WorkerId = "w", Agents = new Dictionary<string, int> { ["a"] = 1 }, MaxRuns = 1, LeaseDuration = TimeSpan.FromHours(1) }, Token);

        var erasure = await host.Services.GetRequiredService<IAgentRunAdmin>().EraseUserAsync(user, TimeSpan.Zero, Token);

        Assert.Equal((0, 1, false), (erasure.Runs, erasure.Running, erasure.IsComplete));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = host.Services.GetRequiredService<IAgentRunAdmin>().EraseUserAsync(user, TimeSpan.FromHours(1), stop.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Theory]
    [InlineData("", null, "user")]
    [InlineData(" ", "acme", "user")]
    [InlineData("ann", "", "tenant")]
    [InlineData("ann", " ", "tenant")]
    public async Task EraseUser_BlankName_IsRefused(string user, string? tenant, string named)
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Hi."));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a", _ => { }));

        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => host.Services.GetRequiredService<IAgentRunAdmin>().EraseUserAsync(new AgentIdentity { UserId = user, TenantId = tenant }, cancellationToken: Token).AsTask());

        Assert.Contains($"The {named} id is blank", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Metrics_ApiOnlyOrWorker_TellWhatToScaleBy(bool isWorker)
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Hi."));
        await using var host = await TestHost.StartAsync(
            hosting => hosting.AddModel("mini", _ => model).AddAgent("a", _ => { }),
            ("AgentHosting:Worker:Enabled", isWorker ? "true" : "false"),
            ("AgentHosting:Worker:SweepInterval", "00:00:00.020"));
        using var runs = new MetricCollector<long>(host.Services.GetRequiredService<IMeterFactory>(), "AgentHosting", "agenthosting.runs");
        using var age = new MetricCollector<double>(host.Services.GetRequiredService<IMeterFactory>(), "AgentHosting", "agenthosting.runs.oldest_ready_age");
        var delay = isWorker ? TimeSpan.FromHours(1) : TimeSpan.Zero;
        await host.Client.SubmitAsync(new AgentRunRequest { Message = "Hello", Delay = delay }, Token);

        var state = isWorker ? "blocked" : "ready";
        while (!runs.GetMeasurementSnapshot().Any(measurement => measurement.Value == 1 && measurement.ContainsTags(KeyValuePair.Create<string, object?>("agenthosting.run.state", state)))
            || (!isWorker && age.LastMeasurement is not { Value: > 0 }))
        {
            Token.ThrowIfCancellationRequested();
            await runs.WaitForMeasurementsAsync(runs.GetMeasurementSnapshot().Count + 1, Token);
        }
    }
}
