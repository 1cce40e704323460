using System.Runtime.CompilerServices;
using AgentHosting.Failures;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Tests.Streaming;

public class HeldUpdatesTests
{
    private CancellationToken _token;
    private int _opened;

    [Fact]
    public async Task GetAsyncEnumerator_ASecondReader_AsksAnew()
    {
        var updates = Updates(TestContext.Current.CancellationToken, "a", "b");

        Assert.Equal("ab", await TextAsync(updates));
        Assert.Equal("ab", await TextAsync(updates));
        Assert.Equal(2, _opened);
    }

    [Fact]
    public async Task MoveNextAsync_AfterItCouldNotBeOpened_HasEnded()
    {
        var reader = HeldUpdates.From<int>(static (_, _) => throw new InvalidOperationException("down"), 0, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.MoveNextAsync());
        Assert.False(await reader.MoveNextAsync());
        await reader.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MoveNextAsync_FailureAfterContent_CarriesWhatCameBeforeItOnce(bool waits)
    {
        var inner = HeldUpdates.From(static (state, token) => HeldStream.OpenAsync(FailingAsync(state, token), token), waits, TestContext.Current.CancellationToken);
        var outer = HeldUpdates.From(static (state, token) => HeldStream.OpenAsync(state, token), inner, TestContext.Current.CancellationToken);
        var reader = outer.GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await reader.MoveNextAsync());
        Assert.True(await reader.MoveNextAsync());
        var interrupted = await Assert.ThrowsAsync<StreamInterruptedException>(async () => await reader.MoveNextAsync());
        Assert.Equal("one two", interrupted.PartialText);
        Assert.IsType<HttpRequestException>(interrupted.InnerException);
        Assert.False(await reader.MoveNextAsync());
        await reader.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetAsyncEnumerator_TokensOfCallAndReader_BothCancel(bool cancelsCall)
    {
        using var call = new CancellationTokenSource();
        using var read = new CancellationTokenSource();
        await using var reader = Updates(call.Token, "a").GetAsyncEnumerator(read.Token);
        Assert.True(await reader.MoveNextAsync());
        Assert.False(_token.IsCancellationRequested);

        await (cancelsCall ? call : read).CancelAsync();

        Assert.True(_token.IsCancellationRequested);
    }

    [Fact]
    public async Task DisposeAsync_BeforeTheEnd_DisposesTheSourceAndWhatIsOwned()
    {
        var owned = new CancellationTokenSource();
        var reader = HeldUpdates.From(
            static async (state, token) => (await HeldStream.OpenAsync(new[] { Update("a"), Update("b") }.ToAsyncEnumerable(), token)).Owning(state),
            owned,
            TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await reader.MoveNextAsync());
        await reader.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => owned.Token);
    }

    private HeldUpdates Updates(CancellationToken callToken, params string[] texts) => HeldUpdates.From(
        (state, token) =>
        {
            _opened++;
            _token = token;
            return HeldStream.OpenAsync(state.Select(Update).Append(new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop }).ToAsyncEnumerable(), token);
        },
        texts,
        callToken);

    private static async IAsyncEnumerable<ChatResponseUpdate> FailingAsync(bool waits, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Update("one ");
        yield return Update("two");
        if (waits)
        {
            await Task.Yield();
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new HttpRequestException("reset");
    }

    private static async Task<string> TextAsync(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        var text = "";
        await foreach (var update in updates)
        {
            text += update.Text;
        }

        return text;
    }

    private static ChatResponseUpdate Update(string text) => new(ChatRole.Assistant, text);
}
