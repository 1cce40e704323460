using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>The session tells the truth about runs that were interrupted at unlucky moments.</summary>
public sealed class RunTranscriptTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(31);
    private int _transfers;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turn_WorkerIsLostWhileCodeAsksAModel_WhatTheModelSaidToTheCodeIsNotInIt()
    {
        using var model = new StubChatClient(stream: static token => SpeakForEver(token));
        await using var host = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent(AttemptHost.Agent, static agent => agent.RunsCode(
            static async (context, token) => (await context.ChatClient.GetResponseAsync("Think.", cancellationToken: token)).Text)));
        var runId = await host.SubmitAsync(session: "s");
        using var attempt = new RunAttempt(await host.ClaimAsync(), host.Agents.Find(AttemptHost.Agent)!);
        var execution = host.ExecuteAsync(attempt);
        while ((await host.Store.ReadEventsAsync(runId, 0, 100, Token))!.Events.All(static told => told.Type != AgentRunEventTypes.TextDelta))
        {
            // Text is flushed by this clock.
            host.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        host.Time.Advance(Lease);
        await host.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
        await host.Store.CancelAsync(runId, Token);
        attempt.Stop(RunStopReason.LeaseLost);
        await execution;

        var turn = Assert.Single((await host.Store.GetSessionAsync(attempt.Run.Identity, "s", Token))!.Turns);
        Assert.Equal([ChatRole.User], RunTranscript.MessagesOf(turn).Select(static message => message.Role));
    }

    [Fact]
    public async Task Turn_CallApprovedDuringTheAttemptIsCutOff_IsNotSaidToHaveNotBeenMade()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [Call("c0"), Call("c1")])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
        await using var host = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => provider).AddAgent(AttemptHost.Agent, agent => agent.WithTool(
            AIFunctionFactory.Create(
                async (string id, CancellationToken token) =>
                {
                    if (id == "c1")
                    {
                        begun.SetResult();
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                    }

                    return Interlocked.Increment(ref _transfers);
                },
                "transfer"),
            ToolRisk.High)));
        var runId = await host.SubmitAsync(session: "s");
        await host.ExecuteAsync(await host.ClaimAsync());
        var waits = (await host.GetAsync(runId)).Waits;
        Assert.Equal(2, waits.Count);
        await ApproveAsync(host, runId, waits[0]);
        var claim = await host.ClaimAsync();
        await ApproveAsync(host, runId, waits[1]);
        using var attempt = new RunAttempt(claim, host.Agents.Find(AttemptHost.Agent)!);
        var execution = host.ExecuteAsync(attempt);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        attempt.Stop(RunStopReason.Cancelled);
        await execution.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

        Assert.Equal(1, _transfers);
        var turn = Assert.Single((await host.Store.GetSessionAsync(claim.Run.Identity, "s", Token))!.Turns);
        var results = RunTranscript.MessagesOf(turn).SelectMany(static message => message.Contents).OfType<FunctionResultContent>().ToDictionary(static content => content.CallId, static content => content.Result?.ToString());
        Assert.Equal("1", results["c0"]);
        Assert.DoesNotContain("not made", results["c1"], StringComparison.Ordinal);
    }

    private static FunctionCallContent Call(string id) => new(id, "transfer", new Dictionary<string, object?> { ["id"] = id });

    private static ValueTask<RunAnswerOutcome> ApproveAsync(AttemptHost host, string runId, RunWait wait) =>
        host.Client.AnswerApprovalAsync(runId, wait.RequestId, new AgentRunApproval { Approved = true }, Token);

    private static async IAsyncEnumerable<ChatResponseUpdate> SpeakForEver([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "What the user must not see");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
    }
}
