using AgentHosting.ContextWindows;
using AgentHosting.Failures;
using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ContextWindows;

/// <summary>Reducers that do what they should not, and histories at the edge of what can be cut.</summary>
public sealed class ContextWindowReducerTests
{
    private static readonly string Long = new('o', 60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reducer_ReturnsNothing_IsPassedOverAndLogged(bool streaming)
    {
        foreach (var nothing in (IEnumerable<ChatMessage>?[])[[], null])
        {
            using var window = new WindowUnderTest(Limit(40), reducer: new FakeReducer(_ => nothing!));
            await window.AskAsync([System("sys"), User(Long), Assistant("A"), User("question")], streaming: streaming);

            Assert.Equal("sys|question", window.SentTexts);
            Assert.Contains(2402, window.Logs.GetSnapshot().Select(record => record.Id.Id));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reducer_LeavesOutTheQuestion_IsPassedOver(bool streaming)
    {
        using var window = new WindowUnderTest(Limit(40), reducer: new FakeReducer(messages => messages.Take(1).Append(Assistant("summary"))));
        await window.AskAsync([System("sys"), User(Long), Assistant("A"), User("question")], streaming: streaming);

        Assert.Equal("sys|question", window.SentTexts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reducer_LeavesOutInstructions_TheyComeBack(bool streaming)
    {
        using var window = new WindowUnderTest(Limit(40), reducer: new FakeReducer(messages => messages.Where(message => message.Role != ChatRole.System).TakeLast(1)));
        await window.AskAsync([System("one"), User(Long), System("two"), Assistant("A"), User("question")], streaming: streaming);

        Assert.Equal("one|two|question", window.SentTexts);
    }

    [Fact]
    public async Task Reducer_AddsItsSummaryToTheInstructions_TheyAreNotRepeated()
    {
        using var window = new WindowUnderTest(Limit(40), reducer: new FakeReducer(messages => [System("sys. So far: hello."), User("question")]));
        await window.AskAsync([System("sys"), User(Long), Assistant("A"), User("question")]);

        Assert.Equal("sys. So far: hello.|question", window.SentTexts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reducer_LeavesOutToolMessages_TheResultThatWaitsForAnAnswerStays(bool streaming)
    {
        using var window = new WindowUnderTest(Limit(60), reducer: new FakeReducer(messages => messages.Where(message => message.Text.Length is > 0 and < 50)));
        await window.AskAsync([User(Long), Call("call_0"), Result("call_0", "old"), Assistant("A"), User("question"), Call("call_1"), Result("call_1", "new")], streaming: streaming);

        Assert.Equal("new", Assert.Single(Results(window)));
        Assert.Equal([ChatRole.Assistant, ChatRole.User, ChatRole.Assistant, ChatRole.Tool], window.Sent.Select(message => message.Role));
        Assert.Same(window.Sent, TranscriptRepair.Repair(window.Sent));
    }

    [Fact]
    public async Task Reducer_TakesACallFromItsResult_IsPassedOver()
    {
        using var window = new WindowUnderTest(Limit(60), reducer: new FakeReducer(messages => messages.Skip(2).Where(message => message.Role != ChatRole.Tool)));
        await window.AskAsync([User(Long), Assistant("A"), User("question"), Call("call_1"), Result("call_1", "new")]);

        Assert.Equal("new", Assert.Single(Results(window)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_OneMessageIsLargerThanTheWindow_IsRefusedAndNeverCut(bool streaming)
    {
        using var window = new WindowUnderTest(Limit(1_000));
        foreach (var messages in (ChatMessage[][])[[User(new string('a', 1_000_000))], [System(new string('s', 1_001)), User("q")], [User("q"), Assistant(new string('a', 2_000))]])
        {
            await Assert.ThrowsAsync<ContextWindowExceededException>(() => window.AskAsync(messages, streaming: streaming));
        }

        Assert.Equal(0, window.Model.CallCount);
    }

    [Fact]
    public async Task Call_SurrogatePairsAtEveryCut_AreNeverSplit()
    {
        for (var limit = 100; limit < 400; limit++)
        {
            using var window = new WindowUnderTest(Limit(limit, limit - 20));
            await window.AskAsync([User("q"), Call("1"), Result("1", "a" + string.Concat(Enumerable.Repeat("😀", 1_000)) + (limit % 2 == 0 ? "b" : string.Empty))]);

            var text = Results(window)[0];
            for (var i = 0; i < text.Length; i++)
            {
                Assert.True(!char.IsSurrogate(text[i]) || (char.IsSurrogatePair(text, i) && ++i > 0), $"limit {limit}, at {i}: {text}");
            }
        }
    }

    [Fact]
    public async Task Call_RandomHistoriesWithAReducerThatDropsAtRandom_BothShapesSendTheSameAndKeepPairs()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var messages = RandomHistory(random);
            var limit = random.Next(20, 300);
            var sent = new List<string>();
            foreach (var streaming in (bool[])[false, true])
            {
                var dropped = new Random(seed);
                using var window = new WindowUnderTest(Limit(limit, 50), reducer: new FakeReducer(all => all.Where(_ => dropped.Next(3) > 0)));
                try
                {
                    await window.AskAsync(messages, streaming: streaming);
                    Assert.True(ReferenceEquals(window.Sent, TranscriptRepair.Repair(window.Sent)), $"seed {seed}");
                    Assert.True(window.Counter.CountInput(window.Sent, null) <= limit, $"seed {seed}");
                    Assert.True(window.Sent.Count(message => message.Role == ChatRole.System) == messages.Count(message => message.Role == ChatRole.System), $"seed {seed}");
                    Assert.True(window.Sent.Any(message => message.Text == messages.Last(one => one.Role == ChatRole.User).Text), $"seed {seed}");
                    sent.Add(string.Join('|', window.Sent.Select(message => $"{message.Role}:{string.Join(',', message.Contents.Select(Shown))}")));
                }
                catch (ContextWindowExceededException exception)
                {
                    sent.Add($"{exception.RequiredTokens}/{exception.AvailableTokens}");
                }
            }

            Assert.True(sent[0] == sent[1], $"seed {seed}: {sent[0]} / {sent[1]}");
        }
    }

    private static List<ChatMessage> RandomHistory(Random random)
    {
        var messages = new List<ChatMessage> { System("first instruction") };
        for (var turn = random.Next(2, 7); turn > 0; turn--)
        {
            messages.Add(User($"question {turn} {new string('u', random.Next(20))}"));
            if (random.Next(4) == 0)
            {
                messages.Add(System($"instruction of turn {turn}"));
            }

            for (var call = random.Next(0, 3); call > 0; call--)
            {
                messages.Add(Call($"call_{turn}_{call}"));
                messages.Add(Result($"call_{turn}_{call}", new string('r', random.Next(200))));
            }

            if (turn > 1)
            {
                messages.Add(Assistant("answer"));
            }
        }

        return messages;
    }

    private static string Shown(AIContent content) => content switch
    {
        FunctionCallContent call => call.CallId,
        FunctionResultContent result => $"{result.CallId}={result.Result}",
        _ => content.ToString()!,
    };

    private static ContextWindowOptions Limit(int tokens, int maxToolResultTokens = 1_000) => new() { MaxInputTokens = tokens, MaxToolResultTokens = maxToolResultTokens };

    private static string[] Results(WindowUnderTest window) =>
        [.. window.Sent.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => $"{result.Result}")];

    private static ChatMessage System(string text) => new(ChatRole.System, text);

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static ChatMessage Assistant(string text) => new(ChatRole.Assistant, text);

    private static ChatMessage Call(string id) => new(ChatRole.Assistant, [new FunctionCallContent(id, "tool")]);

    private static ChatMessage Result(string id, string text) => new(ChatRole.Tool, [new FunctionResultContent(id, text)]);

    private sealed class FakeReducer(Func<IEnumerable<ChatMessage>, IEnumerable<ChatMessage>> reduce) : IChatReducer
    {
        public Task<IEnumerable<ChatMessage>> ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken) => Task.FromResult(reduce(messages));
    }
}
