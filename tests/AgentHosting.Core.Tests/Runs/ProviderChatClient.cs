using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A provider that answers by a script, in pieces or at once, and keeps the bytes of all that it was sent.</summary>
internal sealed class ProviderChatClient(bool streams, params ChatResponse[] script) : IChatClient
{
    public List<string> Requests { get; } = [];

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(Answer(messages, options));

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var updates = Answer(messages, options).ToChatResponseUpdates();
        foreach (var update in streams ? updates.SelectMany(Pieces) : updates)
        {
            await Task.Yield();
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private ChatResponse Answer(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        lock (Requests)
        {
            var tools = options?.Tools?.OfType<AIFunctionDeclaration>().Select(static tool => $"{tool.Name} {tool.Description} {tool.JsonSchema.GetRawText()}") ?? [];
            Requests.Add($"{Json(messages.ToList())}\n{Json(options)}\n{string.Join('\n', tools)}");
            // A fresh object each time: the loop changes what it gets.
            return JournalFormat.ReadResponse(JournalFormat.WriteResponse(script[Requests.Count - 1]));
        }
    }

    private static string Json<T>(T value) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(value, JournalFormat.Options.GetTypeInfo(typeof(T))));

    /// <summary>Each content as an update of its own, text and reasoning in pieces, what belongs to the whole with the last.</summary>
    private static IEnumerable<ChatResponseUpdate> Pieces(ChatResponseUpdate update)
    {
        foreach (var content in update.Contents.SelectMany(Pieces))
        {
            yield return new ChatResponseUpdate(update.Role, [content]) { MessageId = update.MessageId, ResponseId = update.ResponseId };
        }

        yield return new ChatResponseUpdate(update.Role, [])
        {
            MessageId = update.MessageId,
            ResponseId = update.ResponseId,
            FinishReason = update.FinishReason,
            AdditionalProperties = update.AdditionalProperties,
        };
    }

    private static IEnumerable<AIContent> Pieces(AIContent content) => content switch
    {
        TextContent text => text.Text.Chunk(3).Select(static piece => new TextContent(new string(piece))),
        TextReasoningContent reasoning =>
        [
            .. reasoning.Text.Chunk(3).Select(static piece => new TextReasoningContent(new string(piece))),
            new TextReasoningContent(null) { ProtectedData = reasoning.ProtectedData },
        ],
        _ => [content],
    };
}
