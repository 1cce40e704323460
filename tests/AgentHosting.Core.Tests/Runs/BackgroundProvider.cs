using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Continuation tokens are experimental.

namespace AgentHosting.Core.Tests.Runs;

/// <summary>
/// A provider that works its answers out in the background. Streamed, each update but the last has a token, from which the stream can be read on; polled, a stream is one
/// update with a token until the answer is there.
/// </summary>
/// <param name="pollsBeforeAnswer">How often it says that a polled answer is not done; <see langword="null"/> when it streams.</param>
/// <param name="script">What it answers, each begun once.</param>
internal sealed class BackgroundProvider(int? pollsBeforeAnswer, params ChatResponse[] script) : IChatClient
{
    private readonly HashSet<int> _forgotten = [];
    private int _polls;
    private volatile bool _isWaitedFor;

    /// <summary>The bytes of the requests that began an answer.</summary>
    public List<string> Starts { get; } = [];

    /// <summary>The answers, by their place in the script, that were read on.</summary>
    public List<int> Continuations { get; } = [];

    /// <summary>Whether it has said that an answer is not done, and was not asked since.</summary>
    public bool IsWaitedFor => _isWaitedFor;

    /// <summary>Is called before each update: of which answer, which one.</summary>
    public Action<int, int>? OnUpdate { get; set; }

    public static ChatResponse Answer(params AIContent[] contents) => new(new ChatMessage(ChatRole.Assistant, contents) { MessageId = "m" })
    {
        ResponseId = "r",
        Usage = new UsageDetails { InputTokenCount = 1000, OutputTokenCount = 500, TotalTokenCount = 1500 },
        FinishReason = contents.Any(static content => content is FunctionCallContent) ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
    };

    /// <summary>Forgets the answers that it has begun.</summary>
    public void Forget() => _forgotten.UnionWith(Enumerable.Range(0, Starts.Count));

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Runs stream.");

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Assert.True(options!.AllowBackgroundResponses);
        await Task.Yield();
        var (answer, from) = Open(messages.ToList(), options);
        var updates = pollsBeforeAnswer is { } polls ? Polled(answer, polls) : Streamed(answer);
        for (var i = from; i < updates.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            OnUpdate?.Invoke(answer, i);
            _isWaitedFor = pollsBeforeAnswer is not null && updates[i].ContinuationToken is not null;
            yield return updates[i];
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private (int Answer, int From) Open(List<ChatMessage> messages, ChatOptions options)
    {
        _isWaitedFor = false;
        lock (Starts)
        {
            if (options.ContinuationToken is null)
            {
                Starts.Add($"{Json(messages)}\n{Json(options)}");
                return (Starts.Count - 1, 0);
            }

            Assert.Empty(messages);
            var token = Encoding.UTF8.GetString(options.ContinuationToken.ToBytes().Span).Split(':').Select(static part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            if (_forgotten.Contains(token[0]))
            {
                throw new ProviderException(404);
            }

            Continuations.Add(token[0]);
            return (token[0], pollsBeforeAnswer is null ? token[1] + 1 : 0);
        }
    }

    private List<ChatResponseUpdate> Polled(int answer, int polls)
    {
        var number = _polls++;
        if (number < polls)
        {
            return [new ChatResponseUpdate(ChatRole.Assistant, []) { ResponseId = "r", ContinuationToken = Token(answer, number) }];
        }

        _polls = 0;
        return [.. Copy(answer).ToChatResponseUpdates()];
    }

    private List<ChatResponseUpdate> Streamed(int answer)
    {
        var whole = Copy(answer);
        var updates = new List<ChatResponseUpdate> { new(ChatRole.Assistant, []) { ResponseId = "r" } };
        foreach (var content in whole.Messages[0].Contents)
        {
            updates.AddRange(content is TextContent text
                ? text.Text.Chunk(4).Select(static piece => Update(new TextContent(new string(piece))))
                : [Update(content)]);
        }

        for (var i = 0; i < updates.Count; i++)
        {
            updates[i].ContinuationToken = Token(answer, i);
        }

        updates.Add(Update(new UsageContent(whole.Usage!)));
        updates[^1].FinishReason = whole.FinishReason;
        return updates;

        static ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content]) { MessageId = "m", ResponseId = "r" };
    }

    // A fresh object each time: the loop changes what it gets.
    private ChatResponse Copy(int answer) => JournalFormat.ReadResponse(JournalFormat.WriteResponse(script[answer]));

    private static ResponseContinuationToken Token(int answer, int position) =>
        ResponseContinuationToken.FromBytes(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{answer}:{position}")));

    private static string Json<T>(T value) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(value, JournalFormat.Options.GetTypeInfo(typeof(T))));
}
