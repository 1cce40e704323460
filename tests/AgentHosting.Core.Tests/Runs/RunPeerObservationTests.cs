using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>What was seen to go wrong in the loop that others ship, and goes right in a run.</summary>
public sealed class RunPeerObservationTests
{
    private int _transfers;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R7_CallAfterAToolFails_BareLoopRunsItAgainAndForgetsTheTokensAndOursDoesNot()
    {
        using (var bareModel = FailingAfterTheTool())
        {
            var bare = bareModel.AsBuilder().UseFunctionInvocation().Build();
            var options = new ChatOptions { Tools = [Transfer()] };
            await Assert.ThrowsAnyAsync<Exception>(() => bare.GetResponseAsync("pay", options, Token));
            await bare.GetResponseAsync("pay", options, Token);
            Assert.Equal(2, _transfers);
        }

        _transfers = 0;
        using var model = FailingAfterTheTool();
        await using var host = await StartAsync(model, ToolRisk.Medium);
        var run = await host.RunAsync("pay");

        Assert.Equal((AgentRunStatus.Succeeded, 1, 1), (run.Status, run.Failures, _transfers));
        Assert.Equal(run.Steps.Sum(static step => step.Usage?.TotalTokens ?? 0), run.Usage.TotalTokens);
        Assert.Equal(["1", "1.0", "2"], run.Steps.Select(static step => step.Key));
        Assert.True(run.Steps[0].Replayed && run.Steps[1].Replayed);
    }

    [Fact]
    public async Task R13_ToolFailsEveryTime_BareLoopThrowsAndForgetsTheTokensAndOursAnswersAndReportsThem()
    {
        using (var bareModel = CallingForEver())
        {
            var bare = bareModel.AsBuilder().UseFunctionInvocation().Build();
            await Assert.ThrowsAnyAsync<Exception>(() => bare.GetResponseAsync("pay", new ChatOptions { Tools = [Broken()] }, Token));
            Assert.Equal(4, bareModel.CallCount);
        }

        using var model = CallingForEver();
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a", static agent => agent.WithTool(Broken(), ToolRisk.Low)));
        var run = await host.RunAsync("pay");

        Assert.Equal((AgentRunStatus.Succeeded, "I could not.", 0), (run.Status, run.Result, run.Failures));
        Assert.Equal(6, model.CallCount);
        Assert.Equal(6, run.Steps.Count(static step => step.Usage?.TotalTokens > 0));
        Assert.Equal(run.Steps.Sum(static step => step.Usage?.TotalTokens ?? 0), run.Usage.TotalTokens);

        static AIFunction Broken() => AIFunctionFactory.Create(static string () => throw new IOException("It is broken."), "transfer");
    }

    [Fact]
    public async Task R18_CallAfterTheApprovedToolFails_SameApprovalAgainDoesNotRunItTwice()
    {
        using var model = FailingAfterTheTool();
        await using var host = await StartAsync(model, ToolRisk.High);
        var runId = await CodeAgentHost.SubmitAsync(host, "pay");
        var wait = (await CodeAgentHost.UntilWaitingAsync(host, runId)).Waits[0];
        var approval = new AgentRunApproval { Approved = true };
        Assert.Equal(RunAnswerOutcome.Accepted, await host.Client.AnswerApprovalAsync(runId, wait.RequestId, approval, Token));
        var failing = host.Client.WaitAsync(runId, Token);
        Assert.Equal(RunAnswerOutcome.Repeated, await host.Client.AnswerApprovalAsync(runId, wait.RequestId, approval, Token));
        var run = (await failing)!;

        Assert.Equal((AgentRunStatus.Succeeded, 1, 1), (run.Status, run.Failures, _transfers));
        Assert.Equal(RunAnswerOutcome.Repeated, await host.Client.AnswerApprovalAsync(runId, wait.RequestId, approval, Token));
        Assert.Equal(1, _transfers);
    }

    [Fact]
    public async Task R18b_RunFailsAfterTheApprovedTool_NextMessageIsToldThatItRan()
    {
        using var model = FailingAfterTheTool();
        await using var host = await StartAsync(model, ToolRisk.High, maxAttempts: 1);
        var runId = await CodeAgentHost.SubmitAsync(host, "pay", "s");
        var wait = (await CodeAgentHost.UntilWaitingAsync(host, runId)).Waits[0];
        await host.Client.AnswerApprovalAsync(runId, wait.RequestId, new AgentRunApproval { Approved = true }, Token);
        Assert.Equal(AgentRunStatus.Failed, (await host.Client.WaitAsync(runId, Token))!.Status);
        await host.RunAsync("what happened?", "s");

        Assert.Equal(1, _transfers);
        var results = model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>();
        Assert.Equal("sent 5", Assert.Single(results).Result!.ToString());
    }

    /// <summary>Asks for the tool, fails once when its result is there, then answers.</summary>
    private static ScriptedChatClient FailingAfterTheTool()
    {
        var failures = 0;
        return new ScriptedChatClient(request => request.Messages.All(static message => message.Role != ChatRole.Tool)
            ? ScriptedTurn.ToolCalls([new ScriptedToolCall("transfer", """{"amount":5}""", "c0")])
            : failures++ == 0 ? throw new HttpRequestException("no", null, System.Net.HttpStatusCode.ServiceUnavailable) : ScriptedTurn.Text("done"));
    }

    private static ScriptedChatClient CallingForEver() => new(static request => request.Options?.Tools is { Count: > 0 }
        ? ScriptedTurn.ToolCalls([new ScriptedToolCall("transfer", "{}", "c0")])
        : ScriptedTurn.Text("I could not."));

    private AIFunction Transfer() => AIFunctionFactory.Create(
        (int amount) =>
        {
            Interlocked.Increment(ref _transfers);
            return $"sent {amount}";
        },
        "transfer");

    private Task<TestHost> StartAsync(ScriptedChatClient model, ToolRisk risk, int maxAttempts = 3) => TestHost.StartAsync(hosting => hosting
        .AddModel("mini", _ => model)
        .AddAgent("a", agent => agent.WithTool(Transfer(), risk).Configure(options =>
        {
            options.MaxAttempts = maxAttempts;
            options.RetryDelay = TimeSpan.Zero;
        })));
}
