using AgentHosting.ResponseCaching;
using AgentHosting.ResponseCaching.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class SemanticCacheTests
{
    private const string Question = "How do I contact support?";
    private const string Same = "How can I contact support?";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SameQuestionInOtherWords_Hits(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("By mail."));
        using var cache = Cache(model);
        await cache.AskAsync(streaming, Question);
        var hit = await cache.AskAsync(streaming, Same);

        Assert.Equal("By mail.", hit.Text);
        Assert.Equal([null, "semantic"], cache.Levels);
        Assert.Equal(1.0, (double)hit.AdditionalProperties![ResponseCacheProperties.Similarity]!, 3);
    }

    [Fact]
    public async Task Refresh_ReplacesTheAnswerForOtherWordingsToo()
    {
        using var model = new ScriptedChatClient(static request => ScriptedTurn.Text($"answer {request.CallIndex}"));
        using var cache = Cache(model);
        await cache.AskAsync(false, Question);
        Assert.Equal("answer 0", (await cache.AskAsync(false, Same)).Text);
        Assert.Equal("answer 1", (await cache.AskAsync(false, Same, new ChatOptions().WithResponseCache(ResponseCacheMode.Refresh))).Text);

        Assert.Equal("answer 1", (await cache.AskAsync(false, "Please tell me how to contact support")).Text);
    }

    [Fact]
    public async Task OtherPartition_NeverHits()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = Cache(model);
        await cache.AskAsync(false, Question);
        ChatOptions[] others =
        [
            new ChatOptions().WithAgentContext(new AgentCallContext { TenantId = "other" }),
            new() { Instructions = "Be rude." },
            new() { Temperature = 1 },
            new() { ModelId = "other" },
            new() { ResponseFormat = ChatResponseFormat.Json },
            new() { Tools = [AIFunctionFactory.Create(static () => 1, "tool")] },
        ];
        foreach (var options in others)
        {
            await cache.AskAsync(false, Same, options);
        }

        await cache.Stage.GetResponseAsync([new(ChatRole.System, "Be rude."), new(ChatRole.User, Same)], null, TestContext.Current.CancellationToken);
        Assert.Equal(others.Length + 2, model.CallCount);
    }

    [Fact]
    public async Task SameHistory_HitsOnTheLastTurnOnly()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = Cache(model);
        await AskAsync("Hello", Question);
        await AskAsync("Hello", Same);
        Assert.Equal(1, model.CallCount);
        await AskAsync("Hello there", Same);
        Assert.Equal(2, model.CallCount);

        Task<ChatResponse> AskAsync(string first, string last) => cache.Stage.GetResponseAsync(
            [new(ChatRole.User, first), new(ChatRole.Assistant, "Hi."), new(ChatRole.User, last)], null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task GeneratorFails_GoesOnAndLogsOnce()
    {
        var embeddings = new OneVectorGenerator { Fails = true };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = Cache(model, embeddings);
        await cache.AskAsync(false, Question);
        await cache.AskAsync(false, Same);
        Assert.Equal(2, model.CallCount);
        Assert.Single(cache.Logs.GetSnapshot(), static log => log.Id.Id == 1705);

        embeddings.Fails = false;
        await cache.AskAsync(false, "Who are you?");
        Assert.Single(cache.Logs.GetSnapshot(), static log => log.Id.Id == 1706);
    }

    [Fact]
    public async Task GeneratorHangs_GoesOnAfterTheTimeout()
    {
        var embeddings = new OneVectorGenerator { Hangs = true };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var cache = Cache(model, embeddings);
        var call = cache.AskAsync(false, Question);
        Assert.False(call.IsCompleted);
        cache.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("x", (await call).Text);
    }

    [Fact]
    public async Task LongQuestion_IsNotEmbedded()
    {
        var embeddings = new OneVectorGenerator();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = Cache(model, embeddings);
        await cache.AskAsync(false, new string('a', 513));

        Assert.Equal(0, embeddings.Calls);
    }

    [Fact]
    public async Task Answer_AfterItsTime_DoesNotHit()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = Cache(model);
        await cache.AskAsync(false, Question);
        cache.Time.Advance(TimeSpan.FromHours(1));
        await cache.AskAsync(false, Same);

        Assert.Equal(2, model.CallCount);
    }

    [Fact]
    public async Task AnswerWasEvicted_NeitherHitsNorIsKeptAlive()
    {
        using var model = new ScriptedChatClient(static request => ScriptedTurn.Text(new string('x', 20_000) + request.CallIndex));
        using var cache = Cache(model, options: new ResponseCacheOptions { SizeLimit = 200_000, MaxEntryBytes = 100_000 });
        await cache.AskAsync(false, Question);
        Assert.EndsWith("x0", (await cache.AskAsync(false, Same)).Text, StringComparison.Ordinal);
        for (var i = 1; i <= 40; i++)
        {
            await cache.AskAsync(false, $"Who lives at number {i}?");
        }

        Assert.InRange(cache.Stage.Memory.Size, 1, 200_000);
        Assert.Equal(cache.Stage.Memory.Count, cache.Stage.Semantic!.Count);
        Assert.EndsWith("x40", (await cache.AskAsync(false, "Tell me who lives at number 40.")).Text, StringComparison.Ordinal);
        Assert.EndsWith("x41", (await cache.AskAsync(false, Same)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_ManyPartitionsAndQuestions_StaysBounded()
    {
        var settings = new SemanticCacheOptions { Enabled = true, MaxPartitions = 3, MaxEntriesPerPartition = 2 };
        var answers = new SemanticAnswers(settings, new ResponseCacheServices { Embeddings = new OneVectorGenerator() }, new ResponseCacheMetrics(null));
        for (var i = 0; i < 100; i++)
        {
            var question = SemanticQuestion.TryCreate(settings, [], $"model {i / 10}", [new(ChatRole.User, $"question {i}?")], null)!;
            question.Vector = [1, 0];
            answers.Add(question, RequestKey.Of([(byte)i]), DateTimeOffset.MaxValue);
        }

        Assert.Equal(3, answers.PartitionCount);
        Assert.Equal(6, answers.Count);
    }

    [Theory]
    [InlineData("How do I contact support?", "How can I contact support?", true)]
    [InlineData("Is it 5km?", "Is it 5 km?", true)]
    [InlineData("Is it 5km?", "Is it 5 miles?", false)]
    [InlineData("Is it 1,000?", "Is it 1000?", true)]
    [InlineData("Is it 1.000?", "Is it 1,000?", false)]
    [InlineData("Can I?", "Can't I?", false)]
    [InlineData("Can't I?", "Can not I?", true)]
    [InlineData("Does Anna like Ben?", "Does Ben like Anna?", false)]
    [InlineData("for US citizens", "for us citizens", false)]
    [InlineData("say \"a\"", "say \"A\"", false)]
    [InlineData("Kann ich das nicht essen?", "Kann ich das essen?", false)]
    [InlineData("Is it 5! now", "Is it 5 now", false)]
    [InlineData("Is it 1,5?", "Is it 15?", false)]
    [InlineData("Is it .5?", "Is it 5?", false)]
    [InlineData("Is it 10 Gb?", "Is it 10 GB?", false)]
    [InlineData("Is it A?", "Is it a?", false)]
    [InlineData("Is it B-?", "Is it B?", false)]
    [InlineData("Is it the cat?", "Is it cat", true)]
    [InlineData("Did The Who play?", "Did Who play?", false)]
    [InlineData("Hi, tell me the time!", "What is the time?", true)]
    [InlineData("Explain it, please.", "Explain it", true)]
    [InlineData("How do you say please?", "How do you say thank you?", false)]
    [InlineData("Is it 6'?", "Is it 6\"?", false)]
    [InlineData("f(a)", "f a", false)]
    [InlineData("Which is it?", "What is it?", true)]
    [InlineData("Is which it?", "Is what it?", false)]
    [InlineData("", "", true)]
    public void MeansTheSame_Pairs(string one, string other, bool expected) =>
        Assert.Equal(expected, QuestionFeatures.Of(one).MeansTheSame(QuestionFeatures.Of(other)));

    [Fact]
    public async Task GetResponse_CallerLeavesWhileTheQuestionIsEmbedded_StopsTheGenerator()
    {
        var embeddings = new OneVectorGenerator { Hangs = true };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var cache = Cache(model, embeddings);
        using var cancel = new CancellationTokenSource();
        var call = cache.AskAsync(false, "Who are you?", cancellationToken: cancel.Token);
        Assert.Equal(1, embeddings.Calls);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(embeddings.Token.IsCancellationRequested);
    }

    private static CacheUnderTest Cache(IChatClient model, OneVectorGenerator? embeddings = null, ResponseCacheOptions? options = null)
    {
        options ??= new ResponseCacheOptions();
        options.Semantic = new SemanticCacheOptions { Enabled = true };
        return new CacheUnderTest(model, options, embeddings: embeddings ?? new OneVectorGenerator());
    }

    /// <summary>Finds everything alike, so that only partitions and the gate keep questions apart.</summary>
    private sealed class OneVectorGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public bool Fails { get; set; }

        public bool Hangs { get; set; }

        public int Calls { get; private set; }

        public CancellationToken Token { get; private set; }

        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            Token = cancellationToken;
            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return Fails ? throw new IOException("no model") : new(values.Select(static _ => new Embedding<float>(new float[] { 3, 4 })));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
