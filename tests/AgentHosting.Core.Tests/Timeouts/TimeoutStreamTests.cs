using System.Threading.Channels;
using AgentHosting.Failures;
using AgentHosting.Timeouts;
using AgentHosting.Timeouts.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Timeouts;

/// <summary>Limits are the provider's: a slow reader breaks none, and an answer that is whole stays one.</summary>
public sealed class TimeoutStreamTests
{
    private static readonly ChatResponseUpdate Role = new() { Role = ChatRole.Assistant };
    private static readonly ChatResponseUpdate Word = new(ChatRole.Assistant, "x");
    private static readonly ChatResponseUpdate End = new() { FinishReason = ChatFinishReason.Stop };
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limits_ReaderTakesItsTime_DoNotPass(bool waits)
    {
        var channel = Channel.CreateUnbounded<ChatResponseUpdate>();
        using var inner = new StubChatClient(stream: token => channel.Reader.ReadAllAsync(token));
        await using var updates = Client(inner).GetStreamingResponseAsync("hi", cancellationToken: Token).GetAsyncEnumerator(Token);
        foreach (var update in (ChatResponseUpdate[])[Role, Word, Word, End, new ChatResponseUpdate()])
        {
            ValueTask<bool> next;
            if (waits)
            {
                next = updates.MoveNextAsync();
                _clock.Advance(TimeSpan.FromSeconds(2));
                Assert.True(channel.Writer.TryWrite(update));
            }
            else
            {
                Assert.True(channel.Writer.TryWrite(update));
                next = updates.MoveNextAsync();
            }

            Assert.True(await next);
            _clock.Advance(TimeSpan.FromMinutes(30));
        }

        channel.Writer.Complete();
        Assert.False(await updates.MoveNextAsync());
        Assert.Empty(_logs.GetSnapshot());
    }

    [Theory]
    [InlineData(2, 3, "attempt")]
    [InlineData(5, 0, "first token")]
    public async Task Limits_ProviderTakesTheTime_CountItsWaitsTogether(int seconds, int words, string limit)
    {
        var channel = Channel.CreateUnbounded<ChatResponseUpdate>();
        using var inner = new StubChatClient(stream: token => channel.Reader.ReadAllAsync(token));
        await using var updates = Client(inner).GetStreamingResponseAsync("hi", cancellationToken: Token).GetAsyncEnumerator(Token);

        var exception = await Assert.ThrowsAsync<ChatTimeoutException>(async () =>
        {
            foreach (var update in (ChatResponseUpdate[])[Role, .. Enumerable.Repeat(Word, words), Role, Role, Role])
            {
                var next = updates.MoveNextAsync();
                _clock.Advance(TimeSpan.FromSeconds(seconds));
                Assert.True(channel.Writer.TryWrite(update));
                await next;
                _clock.Advance(TimeSpan.FromMinutes(30));
            }
        });

        Assert.Equal(limit, exception.Limit);
    }

    [Fact]
    public async Task Idle_AfterTheFinishReason_EndsTheStreamQuietly()
    {
        var updates = await ReadAsync(Stalling(Word, End));

        Assert.Equal(2, updates);
        Assert.Equal(1300, _logs.LatestRecord.Id.Id);
    }

    [Fact]
    public async Task Call_CallerCancelsAfterTheFinishReason_IsCancelled()
    {
        using var cancel = new CancellationTokenSource();
        await using var updates = Client(Stalling(Word, End)).GetStreamingResponseAsync("hi", cancellationToken: cancel.Token).GetAsyncEnumerator(Token);
        Assert.True(await updates.MoveNextAsync() && await updates.MoveNextAsync());
        var end = updates.MoveNextAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await end);
    }

    [Fact]
    public async Task Stream_DisposalThrowsAfterAFailure_TheFailureIsTheCallers()
    {
        using var inner = new StubChatClient(stream: _ => new FaultyStream(new ProviderException(503)));
        using var client = Client(inner);

        await Assert.ThrowsAsync<ProviderException>(() => client.CallAsync(streaming: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limit_CallbackOfTheClientThrows_IsATimeoutAndNothingElse(bool streaming)
    {
        var inner = new StubChatClient(HangAsync, token => Hanging(token));
        var call = Client(inner).CallAsync(streaming);
        var error = await DriveAsync(call);

        Assert.IsType<ChatTimeoutException>(error);

        static async IAsyncEnumerable<ChatResponseUpdate> Hanging([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            await HangAsync(token);
            yield break;
        }

        static async Task<ChatResponse> HangAsync(CancellationToken token)
        {
            using var faulty = token.Register(static () => throw new FormatException("a callback of a client"));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return new ChatResponse();
        }
    }

    [Fact]
    public async Task Token_OfACallThatEnded_IsNotCancelledByALaterCall()
    {
        var tokens = new List<CancellationToken>();
        using var inner = new StubChatClient(async token =>
        {
            tokens.Add(token);
            await Task.Delay(tokens.Count == 1 ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return new ChatResponse();
        });
        using var client = Client(inner);
        await client.CallAsync(streaming: false);

        Assert.IsType<ChatTimeoutException>(await DriveAsync(client.CallAsync(streaming: false)));

        Assert.Equal([false, true], tokens.Select(static token => token.IsCancellationRequested));
    }

    [Fact]
    public void Deadline_UsedAgainAfterItsLimitPassed_LeavesTheNextCallAlone()
    {
        using var deadline = new CallDeadline(_clock);
        deadline.Start(TimeSpan.FromSeconds(1), CancellationToken.None);
        deadline.BeginWait(null);
        var first = deadline.Token;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(deadline.Passed && deadline.TotalPassed);

        deadline.End();
        deadline.Start(TimeSpan.FromSeconds(1), CancellationToken.None);
        deadline.BeginWait(null);

        Assert.True(first.IsCancellationRequested);
        Assert.False(deadline.Passed || deadline.Token.IsCancellationRequested);
    }

    private async Task<int> ReadAsync(StubChatClient inner)
    {
        var count = 0;
        var call = Task.Run(
            async () =>
            {
                await foreach (var _ in Client(inner).GetStreamingResponseAsync("hi", cancellationToken: Token))
                {
                    count++;
                }
            },
            Token);
        await DriveAsync(call);
        await call;
        return count;
    }

    private async Task<Exception?> DriveAsync(Task call)
    {
        while (!call.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await Record.ExceptionAsync(() => call);
    }

    private static StubChatClient Stalling(params ChatResponseUpdate[] updates)
    {
        return new StubChatClient(stream: PlayAsync);

        async IAsyncEnumerable<ChatResponseUpdate> PlayAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            foreach (var update in updates)
            {
                yield return update;
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }
    }

    private TimeoutChatClient Client(IChatClient inner) => new(
        inner,
        new TimeoutOptions { Total = TimeSpan.FromSeconds(11), FirstToken = TimeSpan.FromSeconds(9), Idle = TimeSpan.FromSeconds(6) },
        _clock,
        new FakeLogger(_logs),
        new TimeoutMetrics(null));
}
