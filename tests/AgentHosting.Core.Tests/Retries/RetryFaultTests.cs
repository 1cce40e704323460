using AgentHosting.Failures;
using AgentHosting.Retries;
using AgentHosting.Retries.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Retries;

/// <summary>Faults of what stands around the model, the callbacks and the client, neither repeat a call without end nor hide why it failed.</summary>
public sealed class RetryFaultTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _logs = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ShouldHandle_Throws_GivesTheErrorOfTheModelOnce(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(503), ScriptedTurn.Fail(500), ScriptedTurn.Text("not reached"));
        var asked = 0;
        using var client = Client(inner, new RetryOptions { BaseDelay = TimeSpan.Zero, ShouldHandle = _ => ++asked == 1 ? true : throw new FormatException("bug") });

        var exception = await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));

        Assert.Equal((500, 2), ((int)exception.StatusCode!, inner.CallCount));
        Assert.Equal(2, exception.Data["agenthosting.attempts"]);
        Assert.IsType<FormatException>(Assert.Single(_logs.GetSnapshot(), static record => record.Id.Id == 1202).Exception);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnRetry_Throws_GivesTheErrorOfTheModelOnce(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(503)) { Repeat = true };
        using var client = Client(inner, new RetryOptions { OnRetry = static _ => throw new FormatException("bug") });

        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));

        Assert.Equal(1, inner.CallCount);
        Assert.IsType<FormatException>(Assert.Single(_logs.GetSnapshot()).Exception);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnRetry_ThrowsAsTheCallerCancels_IsACancellation(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(503)) { Repeat = true };
        using var cancel = new CancellationTokenSource();
        using var client = Client(inner, new RetryOptions
        {
            OnRetry = async retry =>
            {
                await cancel.CancelAsync();
                retry.CancellationToken.ThrowIfCancellationRequested();
            },
        });

        await Assert.ThrowsAsync<OperationCanceledException>(() => client.CallAsync(streaming, cancellationToken: cancel.Token));

        Assert.Equal(1, inner.CallCount);
        Assert.Empty(_logs.GetSnapshot());
    }

    [Fact]
    public async Task Header_Throws_IsAFailureWithoutRetryAfter()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(new HeaderlessException()), ScriptedTurn.Text("done"));
        using var client = Client(inner, new RetryOptions { BaseDelay = TimeSpan.Zero });

        Assert.Equal("done", (await client.CallAsync(streaming: false)).Text);
    }

    [Fact]
    public async Task Stream_DisposalThrowsAfterAFailure_TheFailureIsRetried()
    {
        var streams = new Queue<IAsyncEnumerable<ChatResponseUpdate>>([new FaultyStream(new ProviderException(503)), Answer()]);
        using var inner = new StubChatClient(stream: _ => streams.Dequeue());
        using var client = Client(inner, new RetryOptions { BaseDelay = TimeSpan.Zero });

        Assert.Equal("done", (await client.CallAsync(streaming: true)).Text);
        Assert.Equal(2, inner.Calls);
    }

    [Fact]
    public async Task Stream_DisposalThrowsAfterContentAndAFailure_TheReaderGetsTheFailure()
    {
        using var inner = new StubChatClient(stream: _ => new FaultyStream(new ProviderException(503), new ChatResponseUpdate(ChatRole.Assistant, "half")));
        using var client = Client(inner, new RetryOptions());

        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(() => client.CallAsync(streaming: true));

        Assert.Equal("half", exception.PartialText);
        Assert.IsType<ProviderException>(exception.InnerException);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_WithoutContentAndFinishReason_IsRetried(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Text("").WithoutFinishReason(), ScriptedTurn.Text("whole"));
        using var client = Client(inner, new RetryOptions { BaseDelay = TimeSpan.Zero });

        Assert.Equal("whole", (await client.CallAsync(streaming)).Text);
        Assert.Equal(2, inner.CallCount);
    }

    [Fact]
    public async Task Response_NeverHasAFinishReason_IsTheAnswer()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Text("all of it").WithoutFinishReason());
        using var client = Client(inner, new RetryOptions());

        Assert.Equal("all of it", (await client.CallAsync(streaming: false)).Text);
    }

    [Fact]
    public async Task Stream_NeverHasAFinishReason_FailsWithItsText()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Text("all of it").WithoutFinishReason()) { Repeat = true };
        using var client = Client(inner, new RetryOptions { BaseDelay = TimeSpan.Zero });

        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(() => client.CallAsync(streaming: true));

        Assert.Equal(("all of it", 1), (exception.PartialText, inner.CallCount));
        Assert.Contains("UseAssumedFinishReason", exception.Message, StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Answer()
    {
        await Task.Yield();
        yield return new ChatResponseUpdate(ChatRole.Assistant, "done") { FinishReason = ChatFinishReason.Stop };
    }

    private RetryChatClient Client(IChatClient inner, RetryOptions options) =>
        new(inner, options, _clock, new FakeLogger(_logs), new RetryMetrics(null), static () => 0);

    private sealed class HeaderlessException() : Exception("The provider answered 503."), IChatFailureDetails
    {
        public int? StatusCode => 503;

        public string? ErrorCode => null;

        public string? GetHeader(string name) => throw new ObjectDisposedException("response");
    }
}
