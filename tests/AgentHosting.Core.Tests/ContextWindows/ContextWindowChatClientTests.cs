using AgentHosting.ContextWindows;
using AgentHosting.Failures;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace AgentHosting.Core.Tests.ContextWindows;

public sealed class ContextWindowChatClientTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_ThatFits_SendsTheSameListAfterOneCount(bool streaming)
    {
        using var window = new WindowUnderTest(Limit(100));
        var messages = new List<ChatMessage> { User("a"), Assistant("b"), User("c") };

        await window.AskAsync(messages, streaming: streaming);

        Assert.Equal(1, window.Counter.Counts);
        Assert.Equal("a|b|c", window.SentTexts);
    }

    [Fact]
    public async Task Call_NothingLimitsIt_IsNotCounted()
    {
        using var window = new WindowUnderTest(new ContextWindowOptions());
        await window.AskAsync([User(new string('a', 10_000))]);

        Assert.Equal(0, window.Counter.Counts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_TooLong_OldestTurnsAreLeftOutAndSystemStays(bool streaming)
    {
        using var window = new WindowUnderTest(Limit(12));
        ChatMessage[] messages = [System("sys"), User("aaaa"), Assistant("AAAA"), User("bb"), Assistant("BB"), User("ccc")];

        await window.AskAsync(messages, streaming: streaming);

        Assert.Equal("sys|bb|BB|ccc", window.SentTexts);
        Assert.Equal(6, messages.Length);
    }

    [Fact]
    public async Task Call_TooLong_SystemMessageInTheMiddleAndInstructionsStay()
    {
        using var window = new WindowUnderTest(Limit(12));
        await window.AskAsync([User("aaaa"), System("mid"), Assistant("AAAA"), User("ccc")], new ChatOptions { Instructions = "12345" });

        Assert.Equal("mid|ccc", window.SentTexts);
    }

    [Fact]
    public async Task Call_TooLong_KeepsAsManyTurnsAsAskedFor()
    {
        using var window = new WindowUnderTest(Limit(8, options => options.KeepTurns = 2));
        await window.AskAsync([User("aaaa"), Assistant("A"), User("bbbb"), Assistant("B"), User("c")]);

        Assert.Equal("bbbb|B|c", window.SentTexts);
        await Assert.ThrowsAsync<ContextWindowExceededException>(() => window.AskAsync([User("aaaa"), User("x"), Assistant("A"), User("bbbb"), Assistant("BBBBB"), User("c")]));
    }

    [Fact]
    public async Task Call_LongTurnOfTools_OldExchangesGoAndCallsKeepTheirResults()
    {
        using var window = new WindowUnderTest(Limit(34));
        var messages = new List<ChatMessage> { User("question") };
        for (var i = 0; i < 6; i++)
        {
            messages.Add(Call("call_0"));
            messages.Add(Result("call_0", $"result {i}"));
        }

        await window.AskAsync(messages);

        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.Tool], window.Sent.Select(message => message.Role));
        Assert.Equal(["result 4", "result 5"], Results(window));
    }

    [Fact]
    public async Task Call_RepeatedResults_AreFoldedBeforeAnythingIsLost()
    {
        var page = new string('p', 200);
        using var window = new WindowUnderTest(Limit(400));
        var messages = new List<ChatMessage> { User("q"), Call("1"), Result("1", page), User("r"), Call("2"), Result("2", page), User("s") };

        await window.AskAsync(messages);

        Assert.Equal(7, window.Sent.Count);
        Assert.Equal(["[The same result as that of a later call of look.]", page], Results(window));
        Assert.Equal(page, messages[2].Contents.OfType<FunctionResultContent>().Single().Result);
    }

    [Fact]
    public async Task Call_LongResults_OldOnesAreShortenedWithANoteAndTheOriginalStays()
    {
        var first = string.Concat(Enumerable.Range(0, 500).Select(i => $"{i} "));
        using var window = new WindowUnderTest(Limit(1000, options => options.MaxToolResultTokens = 300));
        var messages = new List<ChatMessage> { User("q"), Call("1"), Result("1", first), User("r"), Call("2"), Result("2", "short"), User("s") };
        messages[2].RawRepresentation = "the provider's own form";

        await window.AskAsync(messages);

        var shortened = Results(window)[0];
        Assert.StartsWith("0 1 2 ", shortened, StringComparison.Ordinal);
        Assert.EndsWith("499 ", shortened, StringComparison.Ordinal);
        Assert.Contains($"of {first.Length} characters of this result were left out", shortened, StringComparison.Ordinal);
        Assert.InRange(shortened.Length, 200, 300);
        Assert.Null(window.Sent[2].RawRepresentation);
        Assert.Equal(first, messages[2].Contents.OfType<FunctionResultContent>().Single().Result);
    }

    [Fact]
    public async Task Call_LatestResultAloneIsTooLong_IsShortenedLast()
    {
        using var window = new WindowUnderTest(Limit(200, options => options.MaxToolResultTokens = 150));
        await window.AskAsync([User("q"), Call("1"), Result("1", new string('x', 5000))]);

        Assert.InRange(Results(window)[0].Length, 50, 150);
    }

    [Fact]
    public async Task Call_EmojiAtTheCut_IsNotSplit()
    {
        using var window = new WindowUnderTest(Limit(200, options => options.MaxToolResultTokens = 151));
        await window.AskAsync([User("q"), Call("1"), Result("1", string.Concat(Enumerable.Repeat("😀", 3000)))]);

        Assert.DoesNotContain('\uFFFD', global::System.Text.Encoding.UTF8.GetString(global::System.Text.Encoding.UTF8.GetBytes(Results(window)[0])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_EvenTheLeastIsTooLong_FailsBeforeTheModelIsAsked(bool streaming)
    {
        using var window = new WindowUnderTest(Limit(10));
        var exception = await Assert.ThrowsAsync<ContextWindowExceededException>(() => window.AskAsync([User("old"), Assistant("A"), User(new string('a', 11))], streaming: streaming));

        Assert.Equal(0, window.Model.CallCount);
        Assert.Equal((11, 10, "scripted-model"), (exception.RequiredTokens, exception.AvailableTokens, exception.Model));
        Assert.Equal(ChatFailureKind.ContextWindow, ChatFailureClassifier.Classify(exception, TimeProvider.System, TestContext.Current.CancellationToken).Kind);
        Assert.Contains("about 11 input tokens, and there is room for 10", exception.Message, StringComparison.Ordinal);
        Assert.Contains(2401, window.Logs.GetSnapshot().Select(record => record.Id.Id));
    }

    [Fact]
    public async Task Call_WindowOfTheOptions_LeavesRoomForTheAnswerAndAReserve()
    {
        using var window = new WindowUnderTest(new ContextWindowOptions { ContextWindow = 1000, ReserveTokens = 100 });
        await window.AskAsync([User(new string('a', 700))], new ChatOptions { MaxOutputTokens = 200 });

        await Assert.ThrowsAsync<ContextWindowExceededException>(() => window.AskAsync([User(new string('a', 701))], new ChatOptions { MaxOutputTokens = 200 }));

        // A quarter of the window, where nobody says how long the answer may be.
        await window.AskAsync([User(new string('a', 650))]);
        await Assert.ThrowsAsync<ContextWindowExceededException>(() => window.AskAsync([User(new string('a', 651))]));
    }

    [Fact]
    public async Task Call_CounterAddsSomethingForEachRequest_StillFits()
    {
        var counter = new LengthCounter(extraPerRequest: 3);
        using var window = new WindowUnderTest(Limit(20), counter);
        await window.AskAsync(Enumerable.Range(0, 20).SelectMany(i => new[] { User($"q{i}"), Assistant("A") }).Append(User("last")));

        Assert.EndsWith("|last", window.SentTexts, StringComparison.Ordinal);
        Assert.InRange(counter.CountInput(window.Sent, null), 8, 20);
    }

    [Fact]
    public async Task Call_Interrupted_IsRepairedAlsoWhenItFits()
    {
        using var window = new WindowUnderTest(Limit(1000));
        await window.AskAsync([User("a"), Call("1"), User("b")]);

        Assert.Equal("1", window.Sent[2].Contents.OfType<FunctionResultContent>().Single().CallId);
    }

    [Fact]
    public async Task Metrics_FittedCutAndExceeded_AreCountedWithWhatWasSaved()
    {
        using var window = new WindowUnderTest(Limit(10));
        using var requests = new MetricCollector<long>(window.Meters, "AgentHosting", "agenthosting.context_window.requests");
        using var saved = new MetricCollector<long>(window.Meters, "AgentHosting", "agenthosting.context_window.saved_tokens");

        await window.AskAsync([User("a")]);
        await window.AskAsync([User(new string('a', 9)), Assistant("A"), User("b")]);
        await Assert.ThrowsAsync<ContextWindowExceededException>(() => window.AskAsync([User(new string('a', 11))]));

        Assert.Equal(["fitted", "cut", "exceeded"], requests.GetMeasurementSnapshot().Select(one => one.Tags["agenthosting.context_window.result"]));
        Assert.Equal((10, "scripted-model"), (saved.LastMeasurement!.Value, saved.LastMeasurement.Tags["gen_ai.request.model"]));
        Assert.Contains("was cut from 11 to 1 input tokens", window.Logs.GetSnapshot().Single(record => record.Id.Id == 2400).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_RandomHistories_FitOrFailAndKeepPairsSystemAndTheLastMessage()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var limit = random.Next(5, 400);
            using var window = new WindowUnderTest(Limit(limit, options => options.MaxToolResultTokens = random.Next(16, 100)));
            var messages = RandomHistory(random);
            try
            {
                await window.AskAsync(messages);
            }
            catch (ContextWindowExceededException exception)
            {
                Assert.True(exception.RequiredTokens > limit, $"seed {seed}");
                continue;
            }

            Assert.True(window.Counter.CountInput(window.Sent, null) <= limit, $"seed {seed}");
            Assert.True(ReferenceEquals(window.Sent, AgentHosting.Transcripts.TranscriptRepair.Repair(window.Sent)), $"seed {seed}");
            Assert.True(window.Sent.Count(message => message.Role == ChatRole.System) == messages.Count(message => message.Role == ChatRole.System), $"seed {seed}");
            Assert.True(window.Sent[^1].Text == messages[^1].Text, $"seed {seed}");
        }
    }

    private static List<ChatMessage> RandomHistory(Random random)
    {
        var messages = new List<ChatMessage> { System("sys") };
        for (var turns = random.Next(1, 8); turns > 0; turns--)
        {
            messages.Add(User(new string('u', random.Next(1, 20))));
            for (var calls = random.Next(0, 4); calls > 0; calls--)
            {
                messages.Add(Call("call_0"));
                messages.Add(Result("call_0", random.Next(2) == 0 ? new string('r', 150) : new string('x', random.Next(300))));
            }

            if (turns > 1)
            {
                messages.Add(Assistant(new string('a', random.Next(20))));
            }
        }

        return messages;
    }

    private static ContextWindowOptions Limit(int tokens, Action<ContextWindowOptions>? configure = null)
    {
        var options = new ContextWindowOptions { MaxInputTokens = tokens };
        configure?.Invoke(options);
        return options;
    }

    private static string[] Results(WindowUnderTest window) =>
        [.. window.Sent.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => $"{result.Result}")];

    private static ChatMessage System(string text) => new(ChatRole.System, text);

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static ChatMessage Assistant(string text) => new(ChatRole.Assistant, text);

    private static ChatMessage Call(string id) => new(ChatRole.Assistant, [new FunctionCallContent(id, "look")]);

    private static ChatMessage Result(string id, string text) => new(ChatRole.Tool, [new FunctionResultContent(id, text)]);
}
