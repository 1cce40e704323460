using System.Net;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Transcripts;

/// <summary>What other hosts lose or break when a turn is interrupted, and what the next turn's request holds here.</summary>
public sealed class InterruptedTranscriptTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R15_Call_HistoryEndsInACallThatNobodyAnswered_ProviderGetsAResult(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        using var client = model.AsBuilder().UseTranscriptRepair().Build();
        ChatMessage[] history =
        [
            new(ChatRole.User, "Pay"),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "pay")]),
            new(ChatRole.User, "Did it work?"),
        ];

        await AskAsync(client, history, streaming);

        Assert.Equal("U(t) A(c1) T(c1?) U(t)", Conversation.Write(model.Requests[0].Messages));
        Assert.Equal(3, history.Length);
    }

    [Fact]
    public async Task R16_Run_FailsAfterATool_NextTurnHoldsCallResultAndMessage()
    {
        var paid = 0;
        using var model = new ScriptedChatClient(request => request.CallIndex switch
        {
            0 => ScriptedTurn.ToolCall("pay", "{}", "c1"),
            1 => ScriptedTurn.Fail(HttpStatusCode.BadRequest),
            _ => ScriptedTurn.Text("You have paid."),
        });
        await using var host = await StartAsync(model, () => ++paid);

        Assert.Equal(AgentRunStatus.Failed, (await host.RunAsync("Pay", "s")).Status);
        await host.RunAsync("Did it work?", "s");

        Assert.Equal(1, paid);
        Assert.Equal("U(t) A(c1) T(c1) U(t)", Conversation.Write(model.Requests[^1].Messages));
    }

    [Fact]
    public async Task Run_CancelledWhileToolsWork_NextTurnHoldsEachCallWithItsResult()
    {
        var begun = new TaskCompletionSource();
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCalls(new ScriptedToolCall("pay", "{}", "c1"), new ScriptedToolCall("pay", "{}", "c2")), ScriptedTurn.Text("Let me check."));
        await using var host = await StartAsync(model, async (CancellationToken token) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Pay", SessionId = "s" }, TestContext.Current.CancellationToken);
        await begun.Task;
        await host.Client.CancelAsync(submission.RunId, TestContext.Current.CancellationToken);
        await host.Client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken);
        await host.RunAsync("Did it work?", "s");

        Assert.Equal("U(t) A(c1,c2) T(c1?,c2?) U(t)", Conversation.Write(model.Requests[^1].Messages));
    }

    [Fact]
    public async Task R17_Run_CancelledInMidStream_NextTurnHoldsTheMessageAndWhatWasSaid()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("tok ", "tok").StallAfter(1), ScriptedTurn.Text("ok"));
        await using var host = await StartAsync(model, () => 0);
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Speak", SessionId = "s" }, TestContext.Current.CancellationToken);
        await foreach (var runEvent in host.Client.WatchAsync(submission.RunId, 0, TestContext.Current.CancellationToken))
        {
            if (runEvent.Type == AgentRunEventTypes.TextDelta)
            {
                break;
            }
        }

        await host.Client.CancelAsync(submission.RunId, TestContext.Current.CancellationToken);
        await host.Client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken);
        await host.RunAsync("And?", "s");

        Assert.Equal(["Speak", "tok ", "And?"], model.Requests[^1].Messages.Select(message => message.Text));
    }

    private static Task<TestHost> StartAsync(ScriptedChatClient model, Delegate pay) => TestHost.StartAsync(
        hosting => hosting
            .AddModel("m", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(pay, "pay")).UsePipeline(pipeline => pipeline.UseProductionDefaults(options => options.Retry = null))),
        ("AgentHosting:Agents:a:MaxAttempts", "1"));

    private static async Task AskAsync(IChatClient client, ChatMessage[] history, bool streaming)
    {
        if (!streaming)
        {
            await client.GetResponseAsync(history, cancellationToken: TestContext.Current.CancellationToken);
            return;
        }

        await foreach (var _ in client.GetStreamingResponseAsync(history, cancellationToken: TestContext.Current.CancellationToken))
        {
        }
    }
}
