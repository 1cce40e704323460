using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentHosting.Failures;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class SharedCallTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task HundredAtOnce_MakeOneCall(bool leader, bool followers)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new GatedChatClient(gate.Task, "one ", "two ", "three");
        using var cache = new CacheUnderTest(model);
        var calls = new List<Task<ChatResponse>> { cache.AskAsync(leader, "q") };
        calls.AddRange(Enumerable.Range(0, 99).Select(_ => cache.AskAsync(followers, "q")));
        gate.SetResult();
        var responses = await Task.WhenAll(calls);

        Assert.Equal(1, model.Calls);
        Assert.All(responses, static response => Assert.Equal("one two three", response.Text));
        Assert.All(responses.Skip(1), static response =>
        {
            Assert.Equal("joined", response.AdditionalProperties![ResponseCacheProperties.Result]);
            Assert.Equal(0, response.Usage!.TotalTokenCount);
            Assert.Equal(30, Assert.IsType<UsageDetails>(response.AdditionalProperties[ResponseCacheProperties.OriginalUsage]).TotalTokenCount);
        });
        Assert.Equal(30, responses[0].Usage!.TotalTokenCount);
        Assert.Equal(1, cache.Results.Count(static result => result == "miss"));
        Assert.Equal(99, cache.Results.Count(static result => result == "joined"));
        Assert.Equal(0, cache.Stage.Flights.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task LeaderOfAStreamLeaves_AtAnyPoint_FollowersGetAll(int after)
    {
        var steps = Channel.CreateUnbounded<string>();
        using var model = new SteppedChatClient(steps.Reader);
        using var cache = new CacheUnderTest(model);
        using var leaderLeaves = new CancellationTokenSource();
        var leader = cache.Stage.GetStreamingResponseAsync("q", null, leaderLeaves.Token).GetAsyncEnumerator(leaderLeaves.Token);
        var pending = leader.MoveNextAsync().AsTask();
        await model.Started;
        var followers = Enumerable.Range(0, 99).Select(i => cache.AskAsync(i % 2 == 0, "q")).ToList();
        for (var i = 0; i < 4; i++)
        {
            if (i == after)
            {
                await Leave();
            }

            await steps.Writer.WriteAsync($"{i} ", TestContext.Current.CancellationToken);
            if (i < after)
            {
                Assert.True(await pending);
                pending = leader.MoveNextAsync().AsTask();
            }
        }

        if (after == 4)
        {
            await Leave();
        }

        steps.Writer.Complete();
        var responses = await Task.WhenAll(followers);

        Assert.Equal(1, model.Calls);
        Assert.All(responses, static response => Assert.Equal("0 1 2 3 ", response.Text));
        Assert.Equal(0, cache.Stage.Flights.Count);
        Assert.False(model.WasCancelled);
        Assert.Equal("0 1 2 3 ", (await cache.AskAsync(false, "q")).Text);
        Assert.Equal(1, model.Calls);

        async Task Leave()
        {
            await leaderLeaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
            await leader.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeaderCancels_WhileWaitersRemain_TheyGetTheAnswer(bool streaming)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new GatedChatClient(gate.Task, "x");
        using var cache = new CacheUnderTest(model);
        using var source = new CancellationTokenSource();
        var leader = cache.AskAsync(streaming, "q", cancellationToken: source.Token);
        var waiters = Enumerable.Range(0, 99).Select(_ => cache.AskAsync(streaming, "q")).ToList();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        gate.SetResult();

        Assert.All(await Task.WhenAll(waiters), static response => Assert.Equal("x", response.Text));
        Assert.Equal(1, model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EveryoneCancels_LastOneCancelsTheModel(bool streaming)
    {
        using var model = new GatedChatClient(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, TestContext.Current.CancellationToken), "x");
        using var cache = new CacheUnderTest(model);
        var sources = Enumerable.Range(0, 20).Select(static _ => new CancellationTokenSource()).ToList();
        var calls = sources.Select(source => cache.AskAsync(streaming, "q", cancellationToken: source.Token)).ToList();
        foreach (var source in sources.Take(19))
        {
            await source.CancelAsync();
        }

        await Task.WhenAll(calls.Take(19).Select(static call => Assert.ThrowsAnyAsync<OperationCanceledException>(() => call)));
        Assert.False(model.WasCancelled);
        await sources[19].CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls[19]);
        Assert.True(model.WasCancelled);
        Assert.Equal(0, cache.Stage.Flights.Count);
        sources.ForEach(static source => source.Dispose());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OlderCallEndsAfterARefresh_DoesNotReplaceItsAnswer(bool streaming)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = 0;
        using var model = new AnsweringChatClient(async () =>
        {
            if (asked++ > 0)
            {
                return "new";
            }

            await gate.Task;
            return "old";
        });
        using var cache = new CacheUnderTest(model);
        var older = cache.AskAsync(streaming, "q");
        Assert.Equal("new", (await cache.AskAsync(streaming, "q", new ChatOptions().WithResponseCache(ResponseCacheMode.Refresh))).Text);
        gate.SetResult();
        Assert.Equal("old", (await older).Text);

        Assert.Equal("new", (await cache.AskAsync(streaming, "q")).Text);
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeaderFails_OneWaiterTriesAgainForAll(bool streaming)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new GatedChatClient(gate.Task, "x") { Failures = { new IOException("down") } };
        using var cache = new CacheUnderTest(model);
        var calls = Enumerable.Range(0, 100).Select(_ => cache.AskAsync(streaming, "q")).ToList();
        gate.SetResult();

        await Assert.ThrowsAsync<IOException>(() => calls[0]);
        Assert.All(await Task.WhenAll(calls.Skip(1)), static response => Assert.Equal("x", response.Text));
        Assert.Equal(2, model.Calls);
        Assert.Contains(cache.Logs.GetSnapshot(), static log => log.Id.Id == 1701);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ModelStaysDown_TwoCallsTellAll(bool streaming)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new GatedChatClient(gate.Task, "x") { AlwaysFails = true };
        using var cache = new CacheUnderTest(model);
        var calls = Enumerable.Range(0, 100).Select(_ => cache.AskAsync(streaming, "q")).ToList();
        gate.SetResult();
        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<IOException>(() => call);
        }

        // One who comes to take over just after the second call has ended starts a third, which nobody waits for but it.
        Assert.InRange(model.Calls, 2, 100);
        Assert.Equal(0, cache.Stage.Flights.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeadersAreRefused_NextOneTriesForItself(bool streaming)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new GatedChatClient(gate.Task, "x")
        {
            Failures = { new AgentRequestRejectedException("no budget"), new AgentRequestRejectedException("no budget"), new AgentRequestRejectedException("no budget") },
        };
        using var cache = new CacheUnderTest(model);
        var calls = Enumerable.Range(0, 10).Select(_ => cache.AskAsync(streaming, "q")).ToList();
        gate.SetResult();
        await Task.WhenAll(calls).ContinueWith(static _ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);

        Assert.Equal(3, calls.Count(static call => call.IsFaulted));
        Assert.Equal(7, calls.Count(static call => call.IsCompletedSuccessfully));
        Assert.Equal(4, model.Calls);
    }

    [Fact]
    public async Task StreamFailsAfterContent_FollowersThatSawItFailToo()
    {
        var steps = Channel.CreateUnbounded<string>();
        using var model = new SteppedChatClient(steps.Reader);
        using var cache = new CacheUnderTest(model);
        var leader = cache.AskAsync(true, "q");
        await model.Started;
        await using var follower = cache.Stage.GetStreamingResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = follower.MoveNextAsync();
        await steps.Writer.WriteAsync("a", TestContext.Current.CancellationToken);
        Assert.True(await first);
        var next = follower.MoveNextAsync().AsTask();
        steps.Writer.Complete(new IOException("gone"));

        await Assert.ThrowsAnyAsync<Exception>(() => leader);
        await Assert.ThrowsAnyAsync<Exception>(() => next);
        Assert.Equal(1, model.Calls);
    }

    [Fact]
    public async Task StreamLargerThanTheLimit_IsNotStoredAndLateComersAskForThemselves()
    {
        var steps = Channel.CreateUnbounded<string>();
        using var model = new SteppedChatClient(steps.Reader);
        using var cache = new CacheUnderTest(model, new ResponseCacheOptions { MaxEntryBytes = 1_024 });
        var leader = cache.AskAsync(true, "q");
        await model.Started;
        await using var follower = cache.Stage.GetStreamingResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = follower.MoveNextAsync();
        await steps.Writer.WriteAsync("a", TestContext.Current.CancellationToken);
        Assert.True(await first);
        var more = follower.MoveNextAsync();
        await steps.Writer.WriteAsync(new string('b', 1_000), TestContext.Current.CancellationToken);
        await more;
        var late = cache.AskAsync(true, "q");
        steps.Writer.Complete();
        await Task.WhenAll(leader, late);

        Assert.Equal(2, model.Calls);
        Assert.Equal(0, cache.Stage.Memory.Count);
    }

    [Fact]
    public async Task ReaderFarBehindTheOthers_IsInterruptedAndHarmsNobody()
    {
        var steps = Channel.CreateUnbounded<string>();
        using var model = new SteppedChatClient(steps.Reader);
        using var cache = new CacheUnderTest(model, new ResponseCacheOptions { MaxEntryBytes = 1_024 });
        await using var slow = cache.Stage.GetStreamingResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = slow.MoveNextAsync();
        var fast = cache.AskStreamTextAsync("q");
        for (var i = 0; i < 10; i++)
        {
            await steps.Writer.WriteAsync(new string('x', 200), TestContext.Current.CancellationToken);
        }

        steps.Writer.Complete();
        Assert.True(await first);
        Assert.Equal(2_000, (await fast).Length);

        var error = await Assert.ThrowsAsync<StreamInterruptedException>(async () => await slow.MoveNextAsync());
        Assert.Contains("1024 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, model.Calls);
    }

    [Fact]
    public async Task RandomLeavers_NobodyElseIsHarmed()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            using var model = new ScriptedChatClient(ScriptedTurn.Stream("a ", "b ", "c ", "d")) { Repeat = true };
            using var cache = new CacheUnderTest(new YieldingChatClient(model));
            var callers = Enumerable.Range(0, 100).Select(_ => (Leaves: random.Next(2) == 0, Streaming: random.Next(2) == 0, After: random.Next(40))).ToList();
            var tasks = callers.Select(async caller =>
            {
                await Task.Yield();
                using var source = new CancellationTokenSource();
                var call = cache.AskAsync(caller.Streaming, "q", cancellationToken: source.Token);
                for (var i = 0; caller.Leaves && i < caller.After; i++)
                {
                    await Task.Yield();
                }

                if (caller.Leaves)
                {
                    await source.CancelAsync();
                }

                try
                {
                    return (await call).Text;
                }
                catch (OperationCanceledException) when (caller.Leaves)
                {
                    return null;
                }
            }).ToList();
            var texts = await Task.WhenAll(tasks);

            Assert.All(callers.Zip(texts), static pair => Assert.True(pair.Second == "a b c d" || (pair.First.Leaves && pair.Second is null)));
            await model.WaitForIdleAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, cache.Stage.Flights.Count);
        }
    }

    private sealed class YieldingChatClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return update;
            }
        }
    }

    /// <summary>Answers once a gate opens.</summary>
    private sealed class GatedChatClient(Task gate, params string[] chunks) : IChatClient
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public bool WasCancelled { get; private set; }

        public bool AlwaysFails { get; init; }

        public List<Exception> Failures { get; } = [];

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var call = Interlocked.Increment(ref _calls);
            try
            {
                await gate.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                WasCancelled = true;
                throw;
            }

            if (AlwaysFails)
            {
                throw new IOException("down");
            }

            if (call <= Failures.Count)
            {
                throw Failures[call - 1];
            }

            foreach (var chunk in chunks)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, chunk) { ResponseId = "r", MessageId = "m" };
            }

            yield return new ChatResponseUpdate
            {
                ResponseId = "r",
                MessageId = "m",
                FinishReason = ChatFinishReason.Stop,
                Contents = [new UsageContent(new UsageDetails { InputTokenCount = 20, OutputTokenCount = 10, TotalTokenCount = 30 })],
            };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    /// <summary>Streams what a test writes, update by update.</summary>
    private sealed class SteppedChatClient(ChannelReader<string> steps) : IChatClient
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        public Task Started => _started.Task;

        public int Calls => Volatile.Read(ref _calls);

        public bool WasCancelled { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _calls);
            using var registration = cancellationToken.Register(() => WasCancelled = true);
            _started.TrySetResult();
            await foreach (var step in steps.ReadAllAsync(cancellationToken))
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, step) { ResponseId = "r", MessageId = "m" };
            }

            yield return new ChatResponseUpdate { ResponseId = "r", MessageId = "m", FinishReason = ChatFinishReason.Stop };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class AnsweringChatClient(Func<Task<string>> answer) : IChatClient
    {
        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            new(new ChatMessage(ChatRole.Assistant, await answer())) { FinishReason = ChatFinishReason.Stop };

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, await answer()) { FinishReason = ChatFinishReason.Stop };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
