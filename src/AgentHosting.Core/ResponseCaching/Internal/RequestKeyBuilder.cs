using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>Writes the canonical form of a request: everything that can change the answer, in a fixed order.</summary>
internal static partial class RequestKeyBuilder
{
    // Raised whenever the same request would give other bytes: entries of an older format are then simply not found.
    private const int FormatVersion = 1;

    /// <summary>Writes a request.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="prefix">What is the same for all requests to the model.</param>
    /// <param name="model">The resolved model.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The options.</param>
    /// <param name="without">A message whose text is left out, for the partition of the semantic cache.</param>
    /// <returns><see langword="null"/>, or why the request cannot be identified.</returns>
    public static string? TryWrite(
        KeyWriter writer, ReadOnlySpan<byte> prefix, string model, IReadOnlyList<ChatMessage> messages, ChatOptions? options, ChatMessage? without = null)
    {
        writer.Int64(FormatVersion);
        writer.Bytes(prefix);
        Scope(writer, options.GetAgentContext());
        writer.Text(model);
        writer.Int64(messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if ((ReferenceEquals(message, without) ? Placeholder(writer, message) : TryWriteMessage(writer, message)) is { } reason)
            {
                return reason;
            }
        }

        if (options is null)
        {
            // Options without a single setting ask for the same as none.
            options = NoOptions;
        }

        return TryWriteOptions(writer, options);
    }

    private static ChatOptions NoOptions { get; } = new();

    private static void Scope(KeyWriter writer, AgentCallContext? context)
    {
        // An empty name is none: taken for one, all who leave the field empty would share it. The tag keeps a tenant, a user and a shared scope of the same name apart.
        var (tag, name) = context switch
        {
            { CacheScope: { } scope } when !string.IsNullOrWhiteSpace(scope) => ('S', scope),
            { TenantId: { } tenant } when !string.IsNullOrWhiteSpace(tenant) => ('T', tenant),
            { UserId: { } user } when !string.IsNullOrWhiteSpace(user) => ('U', user),
            _ => ('0', null),
        };
        writer.Tag(tag);
        writer.Text(name);
    }

    private static string? TryWriteMessage(KeyWriter writer, ChatMessage message)
    {
        // Exact types: a class derived from one of these may hold more than is written here.
        if (message.GetType() != typeof(ChatMessage))
        {
            return $"a message is a {message.GetType().Name}";
        }

        var isAnswer = message.Role == ChatRole.Assistant;
        if (message.RawRepresentation is not null && !isAnswer)
        {
            return "a message has a raw representation";
        }

        writer.Tag('m');
        writer.Text(message.Role.Value);
        writer.Text(message.AuthorName);
        if (!TryWriteProperties(writer, message.AdditionalProperties))
        {
            return "a message has an additional property that cannot be compared";
        }

        var contents = message.Contents;
        writer.Int64(contents.Count);
        for (var i = 0; i < contents.Count; i++)
        {
            var content = contents[i];
            if (content.RawRepresentation is not null && !isAnswer)
            {
                return "a content has a raw representation";
            }

            if (TryWriteContent(writer, content) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private static string? Placeholder(KeyWriter writer, ChatMessage message)
    {
        writer.Tag('q');
        writer.Text(message.AuthorName);
        return TryWriteProperties(writer, message.AdditionalProperties) ? null : "a message has an additional property that cannot be compared";
    }

    private static bool TryWriteProperties(KeyWriter writer, AdditionalPropertiesDictionary? properties) =>
        KeyValueWriter.TryWriteProperties(writer, properties, properties?.Count ?? 0);
}
