using System.ClientModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Testing.Tests;

public sealed class WireFaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WireFault.ResetBeforeHeaders, 0, true, typeof(ClientResultException))]
    [InlineData(WireFault.ResetBeforeHeaders, 0, false, typeof(ClientResultException))]
    [InlineData(WireFault.ResetAfterHeaders, 0, true, typeof(IOException))]
    [InlineData(WireFault.ResetAfterHeaders, 0, false, typeof(IOException))]
    [InlineData(WireFault.ResetMidStream, 2, true, typeof(IOException))]
    [InlineData(WireFault.ResetMidStream, 2, false, typeof(IOException))]
    [InlineData(WireFault.GarbageBody, 0, true, typeof(JsonException))]
    [InlineData(WireFault.GarbageBody, 0, false, typeof(JsonException))]
    [InlineData(WireFault.GarbageChunk, 2, true, typeof(JsonException))]
    [InlineData(WireFault.GarbageChunk, 2, false, typeof(JsonException))]
    [InlineData(WireFault.TruncatedStream, 2, false, typeof(JsonException))]
    public async Task Fault_OverHttp_FailsTheSdkCallAfterTheChunks(WireFault fault, int chunks, bool streaming, Type expected)
    {
        await using var server = new LocalModelServer(ScriptedTurn.Fault(fault, chunks));
        using var clients = await TestClients.StartAsync(server);
        var seen = new List<string>();

        var exception = await Record.ExceptionAsync(() => ScriptedChatClientTests.Collect(clients.Chat, streaming, Token, seen.Add));

        Assert.IsAssignableFrom(expected, exception);
        await server.WaitForIdleAsync(Token);
        if (!streaming || fault != WireFault.GarbageChunk)
        {
            Assert.Equal(RequestOutcome.Failed, server.Requests[0].Outcome);
        }

        Assert.Equal(fault == WireFault.ResetBeforeHeaders ? null : 200, server.Requests[0].StatusCode);
        Assert.Equal(streaming ? chunks : 0, seen.Count(text => text.Length > 0));
    }

    [Fact]
    public async Task TruncatedStream_Streamed_EndsCleanlyWithoutFinishReason()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Fault(WireFault.TruncatedStream, 2));
        using var clients = await TestClients.StartAsync(server);

        var response = await ScriptedChatClientTests.Collect(clients.Chat, streaming: true, Token);

        Assert.Equal("chunk1 chunk2 ", response.Text);
        Assert.Null(response.FinishReason);
        Assert.Null(response.Usage);
    }

    [Fact]
    public async Task WithoutFinishReason_Streamed_EndsWithoutDone()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("cut off").WithoutFinishReason());
        using var clients = await TestClients.StartAsync(server);

        var response = await ScriptedChatClientTests.Collect(clients.Chat, streaming: true, Token);

        Assert.Equal("cut off", response.Text);
        Assert.Null(response.FinishReason);
    }

    [Fact]
    public async Task ResetMidStream_ManyTimes_NeverLosesAChunkBeforeTheReset()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Fault(WireFault.ResetMidStream, 3)) { Repeat = true };
        using var clients = await TestClients.StartAsync(server);

        for (var i = 0; i < 100; i++)
        {
            var seen = new List<string>();
            await Assert.ThrowsAnyAsync<IOException>(() => ScriptedChatClientTests.Collect(clients.Chat, streaming: true, Token, seen.Add));
            Assert.Equal(["chunk1 ", "chunk2 ", "chunk3 "], seen.Where(text => text.Length > 0));
        }
    }

    [Fact]
    public async Task WithoutFinishReason_NotStreamed_IsRefusedByTheSdk()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("cut off").WithoutFinishReason());
        using var clients = await TestClients.StartAsync(server);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ScriptedChatClientTests.Collect(clients.Chat, streaming: false, Token));
    }

    [Theory]
    [InlineData(WireFault.StallBeforeHeaders, 0, true)]
    [InlineData(WireFault.StallBeforeHeaders, 0, false)]
    [InlineData(WireFault.StallBeforeFirstToken, 0, true)]
    [InlineData(WireFault.StallBeforeFirstToken, 0, false)]
    [InlineData(WireFault.StallMidStream, 2, true)]
    [InlineData(WireFault.StallMidStream, 2, false)]
    public async Task Stall_OverHttp_LastsUntilTheCallerCancels(WireFault fault, int chunks, bool streaming)
    {
        await using var server = new LocalModelServer(ScriptedTurn.Fault(fault, chunks));
        using var clients = await TestClients.StartAsync(server);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var seen = 0;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var expected = streaming ? chunks : 0;

        var call = ScriptedChatClientTests.Collect(clients.Chat, streaming, cancel.Token, text =>
        {
            if (text.Length > 0 && ++seen == expected)
            {
                reached.TrySetResult();
            }
        });
        await server.WaitForRequestsAsync(1, Token);
        if (expected > 0)
        {
            await reached.Task.WaitAsync(Token);
        }

        Assert.False(call.IsCompleted);
        Assert.Equal(1, server.InFlight);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await server.WaitForIdleAsync(Token);
        await server.WaitForConnectionsClosedAsync(Token);
        Assert.Equal(RequestOutcome.Cancelled, server.Requests[0].Outcome);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task FailAfter_OverHttp_ResetsTheConnection()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("one two").FailAfter(1, new InvalidOperationException("in process only")));
        using var clients = await TestClients.StartAsync(server);

        await Assert.ThrowsAnyAsync<IOException>(() => ScriptedChatClientTests.Collect(clients.Chat, streaming: true, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FailWithException_OverHttp_BecomesTheFittingStatus(bool streaming)
    {
        await using var server = new LocalModelServer(
            ScriptedTurn.Fail(new HttpRequestException("gone", null, System.Net.HttpStatusCode.BadGateway)),
            ScriptedTurn.Fail(new InvalidOperationException("bug")),
            ScriptedTurn.Fail(new IOException("cable cut")));
        using var clients = await TestClients.StartAsync(server);

        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            statuses.Add((await Assert.ThrowsAsync<ClientResultException>(() => ScriptedChatClientTests.Collect(clients.Chat, streaming, Token))).Status);
        }

        Assert.Equal([502, 500, 0], statuses);
    }

    [Fact]
    public async Task ChunkDelay_OverHttp_DripsOnTheInjectedClock()
    {
        var clock = new FakeTimeProvider();
        await using var server = new LocalModelServer(ScriptedTurn.Stream("a", "b").WithChunkDelay(TimeSpan.FromMinutes(1))) { TimeProvider = clock };
        using var clients = await TestClients.StartAsync(server);
        await using var updates = clients.Chat.GetStreamingResponseAsync("hi", cancellationToken: Token).GetAsyncEnumerator(Token);
        while (await updates.MoveNextAsync() && updates.Current.Text != "a")
        {
        }

        var next = updates.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        while (!next.IsCompleted)
        {
            // The server may not have reached its delay when the client has the first chunk.
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }

        Assert.True(await next);
        Assert.Equal("b", updates.Current.Text);
    }
}
