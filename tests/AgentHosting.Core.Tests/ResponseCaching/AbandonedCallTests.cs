using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class AbandonedCallTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LastOneLeaves_CallbackOfTheClientThrows_IsACancellation(bool streaming)
    {
        using var inner = new StubChatClient(HangAsync, static token => Hanging(token));
        using var cache = new CacheUnderTest(inner);
        using var cancel = new CancellationTokenSource();
        var call = cache.AskAsync(streaming, "hi", cancellationToken: cancel.Token);
        Assert.True(SpinWait.SpinUntil(() => inner.Calls == 1, TimeSpan.FromSeconds(30)));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

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
}
