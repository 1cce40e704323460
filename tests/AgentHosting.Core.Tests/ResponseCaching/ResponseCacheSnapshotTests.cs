using System.Runtime.CompilerServices;
using AgentHosting.Models;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>What is sent and what is stored is what was asked when the call began, whatever its caller does with its objects since.</summary>
public sealed class ResponseCacheSnapshotTests
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task GetStreamingResponse_OneOptionsObjectForManyLazyStreams_EachGetsWhatItAskedFor()
    {
        _gate.SetResult();
        using var model = new EchoChatClient(_gate.Task);
        using var cache = new CacheUnderTest(model);
        var options = new ChatOptions();
        var streams = new List<IAsyncEnumerable<ChatResponseUpdate>>();
        foreach (var language in new[] { "English", "German" })
        {
            options.Instructions = language;
            streams.Add(cache.Stage.GetStreamingResponseAsync("hi", options, TestContext.Current.CancellationToken));
        }

        var told = new List<string>();
        foreach (var stream in streams)
        {
            told.Add((await stream.ToChatResponseAsync(TestContext.Current.CancellationToken)).Text);
        }

        Assert.Equal(["English: hi", "German: hi"], told);
        Assert.Equal("English: hi", (await cache.AskAsync(false, "hi", new ChatOptions { Instructions = "English" })).Text);
        Assert.Equal(2, model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_LeaderLeavesAndReusesItsObjects_FollowersGetWhatTheyAskedFor(bool streaming)
    {
        using var model = new EchoChatClient(_gate.Task);
        using var cache = new CacheUnderTest(model);
        using var leaves = new CancellationTokenSource();
        var options = new ChatOptions { Instructions = "English", StopSequences = ["a"], AdditionalProperties = new() { ["p"] = "1" } };
        var messages = new List<ChatMessage> { new(ChatRole.User, "hi") };
        var leader = AskAsync(cache, streaming, messages, options, leaves.Token);
        var follower = cache.AskAsync(streaming, "hi", options.Clone());
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        options.Instructions = "German";
        options.StopSequences.Add("b");
        options.AdditionalProperties["p"] = "2";
        messages[0] = new(ChatRole.User, "secret");
        _gate.SetResult();

        Assert.Equal("English: hi a 1", (await follower).Text);
        Assert.Equal(1, model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_MessageChangesWhileTheCallIsUnderWay_AsItWasIsAskedAndStored(bool streaming)
    {
        foreach (var change in new Action<ChatMessage>[]
        {
            static message => message.Contents[0] = new TextContent("other"),
            static message => message.Contents.Add(new TextContent("more")),
            static message => ((TextContent)message.Contents[0]).Text = "other",
            static message => message.Contents = [new TextContent("other")],
            static message => message.Role = ChatRole.System,
            static message => message.AuthorName = "other",
            static message => message.AdditionalProperties!["p"] = "other",
            static message => message.Contents[0].AdditionalProperties!["p"] = "other",
        })
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var model = new EchoChatClient(gate.Task);
            using var cache = new CacheUnderTest(model);
            var message = Message();
            var call = AskAsync(cache, streaming, [message], null, TestContext.Current.CancellationToken);
            change(message);
            gate.SetResult();

            Assert.Equal(": hi user Anna p q", (await call).Text);
            Assert.Equal(": hi user Anna p q", (await AskAsync(cache, streaming, [Message()], null, TestContext.Current.CancellationToken)).Text);
            Assert.Equal(1, model.Calls);
        }

        static ChatMessage Message() => new(ChatRole.User, [new TextContent("hi") { AdditionalProperties = new() { ["p"] = "q" } }])
        {
            AuthorName = "Anna",
            AdditionalProperties = new() { ["p"] = "p" },
        };
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_ArgumentsOfAnEarlierCallChange_AsTheyWereIsAsked(bool streaming)
    {
        using var model = new EchoChatClient(_gate.Task);
        using var cache = new CacheUnderTest(model);
        var arguments = new Dictionary<string, object?> { ["city"] = "Paris" };
        var call = AskAsync(
            cache, streaming, [new(ChatRole.Assistant, [new FunctionCallContent("1", "weather", arguments)]), new(ChatRole.User, "hi")], null, TestContext.Current.CancellationToken);
        arguments["city"] = "Rome";
        _gate.SetResult();

        Assert.Equal(": Paris hi", (await call).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_LeaderLeavesAndReusesItsContext_NeitherCallWritesIntoTheOther(bool streaming)
    {
        using var model = new EchoChatClient(_gate.Task);
        using var cache = new CacheUnderTest(model);
        using var leaves = new CancellationTokenSource();
        var context = new AgentCallContext();
        var leader = cache.AskAsync(streaming, "hi", new ChatOptions().WithAgentContext(context), leaves.Token);
        var joined = new AgentCallContext();
        var follower = cache.AskAsync(streaming, "hi", new ChatOptions().WithAgentContext(joined));
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        context.ServedByModel = "model of the next call";
        _gate.SetResult();
        await follower;

        Assert.Equal("model of the next call", context.ServedByModel);
        Assert.Equal("echo", joined.ServedByModel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_AnsweredOrFailed_TheCallersContextSaysWhichModel(bool streaming)
    {
        using var model = new EchoChatClient(_gate.Task);
        using var cache = new CacheUnderTest(model);
        var (answered, failed) = (new AgentCallContext(), new AgentCallContext());
        var call = cache.AskAsync(streaming, "hi", new ChatOptions().WithAgentContext(answered));
        _gate.SetResult();
        await call;
        await Assert.ThrowsAsync<IOException>(() => cache.AskAsync(streaming, "fail", new ChatOptions().WithAgentContext(failed)));

        Assert.Equal(("echo", false), (answered.ServedByModel, answered.CacheHit));
        Assert.Equal("echo", failed.ServedByModel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_BufferOfAPictureIsUsedAgain_ThePictureThatWasGivenIsAsked(bool streaming)
    {
        using var model = new EchoChatClient(_gate.Task);
        using var cache = new CacheUnderTest(model);
        byte[] buffer = [1, 2, 3];
        var call = AskAsync(cache, streaming, [new(ChatRole.User, [new DataContent(buffer, "image/png")])], null, TestContext.Current.CancellationToken);
        buffer[0] = 9;
        _gate.SetResult();

        Assert.Equal(": 1 2 3", (await call).Text);
    }

    [Fact]
    public void CopyOf_Data_KeepsEveryProperty()
    {
        var data = new DataContent(new byte[] { 1, 2 }, "image/png")
        {
            Name = "a.png",
            AdditionalProperties = new() { ["p"] = 1 },
            Annotations = [new CitationAnnotation { Title = "t" }],
            RawRepresentation = new object(),
        };
        var copy = (DataContent)RequestSnapshot.CopyOf(data);

        Assert.NotSame(data, copy);
        foreach (var property in typeof(DataContent).GetProperties().Where(static property => property.GetIndexParameters().Length == 0))
        {
            var (was, becomes) = (property.GetValue(data), property.GetValue(copy));
            Assert.NotNull(was);
            Assert.Equal(Plain(was), Plain(becomes));
        }
    }

    private static object? Plain(object? value) => value switch
    {
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        ReadOnlyMemory<char> text => text.ToString(),
        _ => value,
    };

    [Fact]
    public void Of_Options_SharesNothingThatACallerCanChange()
    {
        var options = new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low }, Tools = [], StopSequences = [], AdditionalProperties = new() { ["p"] = 1 } };
        var copy = RequestSnapshot.Of(options, context: null)!;

        Assert.NotSame(options, copy);
        Assert.NotSame(options.Reasoning, copy.Reasoning);
        Assert.Equal(ReasoningEffort.Low, copy.Reasoning!.Effort);
        Assert.NotSame(options.Tools, copy.Tools);
        Assert.NotSame(options.StopSequences, copy.StopSequences);
        Assert.NotSame(options.AdditionalProperties, copy.AdditionalProperties);
    }

    private static async Task<ChatResponse> AskAsync(
        CacheUnderTest cache, bool streaming, List<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) => streaming
        ? await cache.Stage.GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken)
        : await cache.Stage.GetResponseAsync(messages, options, cancellationToken);

    /// <summary>Says what it was asked, once the gate is open. A catalog of one model, so that the call context reaches it.</summary>
    private sealed class EchoChatClient(Task gate) : IChatClient, IModelCatalog
    {
        public IReadOnlyList<string> Names => ["echo"];

        public string DefaultModel => "echo";

        public int Calls { get; private set; }

        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            await gate.WaitAsync(cancellationToken);
            options.GetAgentContext()?.ServedByModel = "echo";
            var told = new List<string?>();
            foreach (var message in messages)
            {
                foreach (var content in message.Contents)
                {
                    told.Add(content switch
                    {
                        FunctionCallContent call => (string?)call.Arguments!["city"],
                        DataContent data => string.Join(' ', data.Data.ToArray()),
                        _ => content.ToString(),
                    });
                }

                if (message.AuthorName is not null)
                {
                    told.AddRange(message.Role.Value, message.AuthorName, (string?)message.AdditionalProperties!["p"], (string?)message.Contents[0].AdditionalProperties!["p"]);
                }
            }

            told.AddRange(options?.StopSequences ?? []);
            if (options?.AdditionalProperties?.GetValueOrDefault("p") is string property)
            {
                told.Add(property);
            }

            return told[0] == "fail"
                ? throw new IOException("gone")
                : new ChatResponse(new ChatMessage(ChatRole.Assistant, $"{options?.Instructions}: {string.Join(' ', told)}")) { FinishReason = ChatFinishReason.Stop };
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            {
                yield return update;
            }
        }

        public ModelDefinition? Find(string name) => null;

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(IModelCatalog) ? this : null;

        public void Dispose()
        {
        }
    }
}
