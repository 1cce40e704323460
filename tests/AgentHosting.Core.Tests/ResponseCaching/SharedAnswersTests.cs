using System.Text;
using AgentHosting.ResponseCaching;
using AgentHosting.ResponseCaching.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class SharedAnswersTests
{
    /// <summary>A payload as version 1 wrote it. It stays: replicas of the next release must read what those of this one stored.</summary>
    private const string Version1 =
        """{"v":1,"exp":1767229200000,"a":{"id":"resp_1","model":"gpt-4o-mini-2024","served":"mini","at":"2026-01-01T00:00:00+00:00","finish":"stop","usage":{"InputTokenCount":100,"OutputTokenCount":10,"TotalTokenCount":110},"m":[{"role":"assistant","id":"msg_1","c":[{"r":"Hm.","p":"xyz"},{"t":"It is Paris."}]}],"x":{"system_fingerprint":"fp_1"}}}""";

    [Fact]
    public void Write_Answer_GivesThePinnedBytes()
    {
        var answer = CachedAnswer.TryCreate(Pinned(), "mini");

        Assert.Equal(Version1, Encoding.UTF8.GetString(AnswerFormat.Write(answer!, new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.Zero))));
    }

    [Fact]
    public void Read_PinnedBytes_GivesTheAnswer()
    {
        var response = AnswerReplay.ToResponse(AnswerFormat.Read(Encoding.UTF8.GetBytes(Version1))!.Answer!, "hit");

        Assert.Equal("It is Paris.", response.Text);
        Assert.Equal("xyz", Assert.IsType<TextReasoningContent>(response.Messages[0].Contents[0]).ProtectedData);
        Assert.Equal("fp_1", response.AdditionalProperties!["system_fingerprint"]);
        Assert.Equal(("resp_1", "msg_1", ChatFinishReason.Stop), (response.ResponseId, response.Messages[0].MessageId, response.FinishReason));
    }

    [Fact]
    public void Read_OtherVersion_IsNoAnswer() => Assert.Null(AnswerFormat.Read("""{"v":2,"exp":1,"b":[]}"""u8));

    [Fact]
    public void Payload_AnnotatedText_SurvivesTheRoundTrip()
    {
        var text = new TextContent("cited") { Annotations = [new CitationAnnotation { Title = "t", AnnotatedRegions = [new TextSpanAnnotatedRegion { StartIndex = 1, EndIndex = 2 }] }] };
        var answer = CachedAnswer.TryCreate(new ChatResponse(new ChatMessage(ChatRole.Assistant, [text])), null)!;
        var replayed = AnswerReplay.ToResponse(AnswerFormat.Read(AnswerFormat.Write(answer, DateTimeOffset.MaxValue))!.Answer!, "hit");

        var citation = Assert.IsType<CitationAnnotation>(Assert.Single(replayed.Messages[0].Contents[0].Annotations!));
        Assert.Equal("t", citation.Title);
        Assert.Equal(2, Assert.IsType<TextSpanAnnotatedRegion>(Assert.Single(citation.AnnotatedRegions!)).EndIndex);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_StoreIsDown_GoesOnAndLogsOnce(bool streaming)
    {
        var store = new FaultyHybridCache { Fails = true };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model, new ResponseCacheOptions { SizeLimit = 0 }, store);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("x", (await cache.AskAsync(streaming, "q")).Text);
        }

        Assert.Equal(5, store.Calls);
        Assert.Equal(5, cache.Results.Count(static result => result == "error"));
        Assert.Single(cache.Logs.GetSnapshot(), static log => log.Id.Id == 1702);

        store.Fails = false;
        cache.Time.Advance(TimeSpan.FromSeconds(31));
        await cache.AskAsync(streaming, "q");
        Assert.Equal(7, store.Calls);
        Assert.Single(cache.Logs.GetSnapshot(), static log => log.Id.Id == 1703);
    }

    [Fact]
    public async Task GetResponse_StoreHangs_GoesOnAfterTheTimeout()
    {
        var store = new FaultyHybridCache { Hangs = true };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model, cache: store);
        var call = cache.AskAsync(false, "q");
        await store.Called;
        Assert.False(call.IsCompleted);
        cache.Time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal("x", (await call).Text);
    }

    [Fact]
    public async Task GetResponse_GarbageInTheStore_IsReplaced()
    {
        var store = new FaultyHybridCache { Content = "garbage"u8.ToArray() };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var cache = new CacheUnderTest(model, cache: store);
        await cache.AskAsync(false, "q");

        Assert.Contains(cache.Logs.GetSnapshot(), static log => log.Id.Id == 1704);
        Assert.StartsWith("{\"v\":1", Encoding.UTF8.GetString(store.Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponse_OtherReplicaHoldsTheLock_WaitsForItsAnswer()
    {
        var store = new FaultyHybridCache();
        var @lock = new OneHolderLock();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("mine").WithDelay(TimeSpan.FromDays(1)));
        using var one = new CacheUnderTest(model, cache: store, @lock: @lock);
        using var other = new CacheUnderTest(model, cache: store, @lock: @lock);
        var first = one.AskAsync(false, "q");
        await model.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        var second = other.AskAsync(false, "q");
        Assert.Equal(1, model.CallCount);
        store.Content = AnswerFormat.Write(CachedAnswer.TryCreate(Pinned(), "mini")!, DateTimeOffset.MaxValue);
        while (!second.IsCompleted)
        {
            other.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        Assert.Equal("It is Paris.", (await second).Text);
        Assert.Equal(1, model.CallCount);
        Assert.False(first.IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_HoldsTheLock_LetsGoAfterSuccessAndFailure(bool streaming)
    {
        var @lock = new OneHolderLock();
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503), ScriptedTurn.Text("x"));
        using var cache = new CacheUnderTest(model, cache: new FaultyHybridCache(), @lock: @lock);
        await Assert.ThrowsAsync<ScriptedHttpException>(() => cache.AskAsync(streaming, "q"));
        Assert.False(@lock.IsHeld);
        await cache.AskAsync(streaming, "q");

        Assert.False(@lock.IsHeld);
        Assert.Equal(2, @lock.Acquired);
    }

    [Fact]
    public async Task GetResponse_ClockIsSetBackWhileTheStoreIsLeftAlone_TriesItAgainInTime()
    {
        var store = new FaultyHybridCache { Fails = true };
        var clock = new SteppingClock();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var stage = new ResponseCacheChatClient(
            model, new ResponseCacheOptions { SizeLimit = 0, StoreFailureThreshold = 1 }, new ResponseCacheServices { Cache = store, Time = clock });
        await stage.GetResponseAsync("q", null, TestContext.Current.CancellationToken);
        var calls = store.Calls;
        clock.Step = TimeSpan.FromDays(-1);
        clock.Advance(TimeSpan.FromSeconds(31));

        await stage.GetResponseAsync("q", null, TestContext.Current.CancellationToken);

        Assert.NotEqual(calls, store.Calls);
    }

    [Fact]
    public async Task GetResponse_ClockIsSetBackWhileItWaitsForAnotherReplica_WaitsNoLongerThanTheLease()
    {
        var @lock = new OneHolderLock();
        Assert.NotNull(await @lock.TryAcquireAsync("any", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var clock = new SteppingClock();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var stage = new ResponseCacheChatClient(
            model, new ResponseCacheOptions(), new ResponseCacheServices { Cache = new FaultyHybridCache(), Lock = @lock, Time = clock });
        var call = stage.GetResponseAsync("q", null, TestContext.Current.CancellationToken);
        clock.Step = TimeSpan.FromDays(-1);
        for (var waited = TimeSpan.Zero; !call.IsCompleted && waited < TimeSpan.FromMinutes(2); waited += TimeSpan.FromMilliseconds(50))
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.True(call.IsCompleted, "It is still waiting.");
        Assert.Equal("x", (await call).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_LockComesTooLate_IsLetGo(bool callerLeaves)
    {
        var late = new LateLock();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var cache = new CacheUnderTest(model, cache: new FaultyHybridCache(), @lock: late);
        using var cancel = new CancellationTokenSource();
        var call = cache.AskAsync(false, "q", cancellationToken: cancel.Token);
        await late.Asked;
        if (callerLeaves)
        {
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }
        else
        {
            cache.Time.Advance(TimeSpan.FromMilliseconds(250));
            Assert.Equal("x", (await call).Text);
        }

        late.Arrive();

        await late.LetGo.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task GetStreamingResponse_ReaderLeavesAndTheStreamCannotBeDisposed_LetsGoOfTheLock()
    {
        var @lock = new OneHolderLock();
        using var model = new StubChatClient(stream: _ => new FaultyStream(new IOException("gone"), new ChatResponseUpdate(ChatRole.Assistant, "x")));
        using var cache = new CacheUnderTest(model, cache: new FaultyHybridCache(), @lock: @lock);
        await using (var updates = cache.Stage.GetStreamingResponseAsync("q", null, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken))
        {
            Assert.True(await updates.MoveNextAsync());
            Assert.True(@lock.IsHeld);
        }

        Assert.False(@lock.IsHeld);
    }

    private static ChatResponse Pinned() => new(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("Hm.") { ProtectedData = "xyz" }, new TextContent("It is Paris.")]) { MessageId = "msg_1" })
    {
        ResponseId = "resp_1",
        ModelId = "gpt-4o-mini-2024",
        CreatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        FinishReason = ChatFinishReason.Stop,
        Usage = new UsageDetails { InputTokenCount = 100, OutputTokenCount = 10, TotalTokenCount = 110 },
        AdditionalProperties = new() { ["system_fingerprint"] = "fp_1" },
    };

    private sealed class OneHolderLock : IResponseCacheLock
    {
        private int _held;

        public bool IsHeld => Volatile.Read(ref _held) != 0;

        public int Acquired { get; private set; }

        public ValueTask<IAsyncDisposable?> TryAcquireAsync(string key, TimeSpan lease, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _held, 1) != 0)
            {
                return new(default(IAsyncDisposable));
            }

            Acquired++;
            return new(new Holder(this));
        }

        private sealed class Holder(OneHolderLock owner) : IAsyncDisposable
        {
            public ValueTask DisposeAsync()
            {
                Volatile.Write(ref owner._held, 0);
                return default;
            }
        }
    }

    private sealed class LateLock : IResponseCacheLock, IAsyncDisposable
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public Task LetGo => _letGo.Task;

        public void Arrive() => _arrived.SetResult();

        public async ValueTask<IAsyncDisposable?> TryAcquireAsync(string key, TimeSpan lease, CancellationToken cancellationToken)
        {
            _asked.SetResult();
            await _arrived.Task;
            return this;
        }

        public ValueTask DisposeAsync()
        {
            _letGo.SetResult();
            return default;
        }
    }

    private sealed class SteppingClock : Microsoft.Extensions.Time.Testing.FakeTimeProvider
    {
        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }

    private sealed class FaultyHybridCache : HybridCache
    {
        private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Fails { get; set; }

        public bool Hangs { get; set; }

        public byte[]? Content { get; set; }

        public int Calls { get; private set; }

        public Task Called => _called.Task;

        public override async ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
        {
            Assert.True(options!.Flags!.Value.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData));
            await BeCalledAsync(cancellationToken);
            return (T)(object)Content!;
        }

        public override async ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
        {
            await BeCalledAsync(cancellationToken);
            Content = (byte[])(object)value!;
        }

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => default;

        private Task BeCalledAsync(CancellationToken cancellationToken)
        {
            Calls++;
            _called.TrySetResult();
            return Fails ? Task.FromException(new IOException("no store"))
                : Hangs ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken)
                : Task.CompletedTask;
        }
    }
}
