using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
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
