using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The last thing that the user said, and everything else about the request as a key.</summary>
internal sealed class SemanticQuestion
{
    private SemanticQuestion(string text, RequestKey partition)
    {
        Text = text;
        Partition = partition;
        Features = QuestionFeatures.Of(text);
    }

    public string Text { get; }

    /// <summary>The key of the request without the text: an answer is never taken from another partition, however alike the questions.</summary>
    public RequestKey Partition { get; }

    public QuestionFeatures Features { get; }

    /// <summary>The embedding, of length 1; <see langword="null"/> until it was asked for, or when the generator failed.</summary>
    public float[]? Vector { get; set; }

    /// <summary>About how many bytes it takes in memory, its words and its partition included.</summary>
    public long Size => 400 + (8L * Text.Length) + Partition.Bytes.Length + (4L * (Vector?.Length ?? 0));

    /// <summary>Takes the question out of a request.</summary>
    /// <returns><see langword="null"/> unless the last message is one text of the user, short enough to be embedded as a whole.</returns>
    public static SemanticQuestion? TryCreate(
        SemanticCacheOptions settings, ReadOnlySpan<byte> prefix, string model, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        if (messages is not [.., { Contents: [TextContent { AdditionalProperties: null, Annotations: null } text] } last]
            || last.Role != ChatRole.User
            || text.GetType() != typeof(TextContent)
            || text.Text.Length > settings.MaxQuestionLength
            || string.IsNullOrWhiteSpace(text.Text))
        {
            return null;
        }

        var writer = KeyWriter.Rent();
        try
        {
            return RequestKeyBuilder.TryWrite(writer, prefix, model, messages, options, without: last) is null
                ? new SemanticQuestion(text.Text, RequestKey.Of(RequestKey.Identity(writer.Written, stackalloc byte[32])))
                : null;
        }
        finally
        {
            KeyWriter.Return(writer);
        }
    }
}
