using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Fallbacks;

#pragma warning disable MEAI001 // Experimental: run beside ours, to see what was observed and when it changes.

/// <summary>
/// What was observed on <see cref="OrderedFailoverChatClient"/> of Microsoft.Extensions.AI, and must not happen here. Each test runs both on the same models.
/// </summary>
public sealed class PeerObservationTests
{
    private static readonly ScriptedTurn Pays = ScriptedTurn.ToolCall("pay", "{}");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R8_FailureAfterATool_DoesNotRunItTwice(bool streaming)
    {
        var (peer, ours) = (0, 0);
        // Streamed, the tool's call commits the peer too: the caller gets the failure.
        using var peerClient = new OrderedFailoverChatClient(
            [Loop(new ScriptedChatClient(Pays, ScriptedTurn.Fail(503))), Loop(new ScriptedChatClient(Pays, ScriptedTurn.Text("paid")))]);
        await Record.ExceptionAsync(() => peerClient.CallAsync(streaming, Offer(() => ++peer)));

        using var backup = new ScriptedChatClient(ScriptedTurn.Text("paid"));
        using var client = new ScriptedChatClient(Pays, ScriptedTurn.Fail(503)).AsBuilder().UseFunctionInvocation().UseFallback(To(backup)).Build();
        var response = await client.CallAsync(streaming, Offer(() => ++ours));

        Assert.Equal((streaming ? 1 : 2, 1), (peer, ours));
        Assert.EndsWith("paid", response.Text, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Loop(new ScriptedChatClient(Pays)).AsBuilder().UseFallback(To(backup)).Build());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R9_BadRequest_IsNotSentElsewhere(bool streaming)
    {
        using var run = new PeerFailover(ScriptedTurn.Fail(400), streaming);

        Assert.Equal("other", await run.PeerAsync());
        await Assert.ThrowsAsync<ScriptedHttpException>(() => run.OursAsync());

        Assert.Equal((1, 0), (run.PeerOther.CallCount, run.OurOther.CallCount));
    }

    [Fact]
    public async Task R10_FailureAfterARoleOnly_OtherModelAnswers()
    {
        using var run = new PeerFailover(
            ScriptedTurn.Text("never seen").FailAfter(0, new HttpRequestException("gone", null, System.Net.HttpStatusCode.ServiceUnavailable)), streaming: true);

        await Assert.ThrowsAsync<HttpRequestException>(() => run.PeerAsync());
        Assert.Equal("other", await run.OursAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R11_DeadFirstModel_IsLeftAlone(bool streaming)
    {
        using var run = new PeerFailover(ScriptedTurn.Fail(503), streaming);

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(("other", "other"), (await run.PeerAsync(), await run.OursAsync()));
        }

        Assert.Equal((50, 10), (run.PeerFirst.CallCount, run.OurFirst.CallCount));
    }

    [Fact]
    public void R12_Metadata_IsThatOfTheFirstModel()
    {
        using var run = new PeerFailover(ScriptedTurn.Text("first"), streaming: false);

        Assert.Null(run.Peer.GetService<ChatClientMetadata>());
        Assert.Equal("first-model", run.Ours.GetService<ChatClientMetadata>()!.DefaultModelId);
    }

    private static IChatClient Loop(IChatClient inner) => inner.AsBuilder().UseFunctionInvocation().Build();

    private static FallbackOptions To(IChatClient other) => new() { Clients = { other } };

    private static ChatOptions Offer(Func<int> pay) => new() { Tools = [AIFunctionFactory.Create(pay, "pay")] };
}
