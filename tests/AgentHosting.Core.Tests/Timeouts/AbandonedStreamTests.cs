using AgentHosting.Timeouts;
using AgentHosting.Timeouts.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Timeouts;

/// <summary>A stream that does not listen to its token is left behind, whatever its reader was doing when the token was cancelled.</summary>
public sealed class AbandonedStreamTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task Read_CallerCancelledWhileItRead_EndsAfterTheGrace(int secondsOfReading)
    {
        using var cancel = new CancellationTokenSource();
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var inner = new StubChatClient(stream: _ => DeafAsync());
        using var client = new TimeoutChatClient(inner, new TimeoutOptions(), _clock, new FakeLogger(new FakeLogCollector()), new TimeoutMetrics(null));
        var updates = client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await updates.MoveNextAsync());
        await cancel.CancelAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(secondsOfReading));

        var next = updates.MoveNextAsync().AsTask();
        for (var i = 0; i < 1000 && !next.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.True(next.IsCompleted, "The reader is still waiting.");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await updates.DisposeAsync();
        release.SetResult();
        await disposed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        async IAsyncEnumerable<ChatResponseUpdate> DeafAsync()
        {
            try
            {
                await Task.Yield();
                yield return new ChatResponseUpdate(ChatRole.Assistant, "x");
                await release.Task;
                yield return new ChatResponseUpdate(ChatRole.Assistant, "late");
            }
            finally
            {
                disposed.SetResult();
            }
        }
    }
}
