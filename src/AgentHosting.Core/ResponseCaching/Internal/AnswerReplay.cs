using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>Makes the objects that a reader of a cached answer gets, in both shapes.</summary>
internal static class AnswerReplay
{
    public static ChatResponse ToResponse(CachedAnswer answer, string result, double? similarity = null)
    {
        var messages = new List<ChatMessage>(answer.Messages.Length);
        foreach (var message in answer.Messages)
        {
            messages.Add(message.Create());
        }

        return new ChatResponse(messages)
        {
            ResponseId = answer.ResponseId,
            ModelId = answer.ModelId,
            CreatedAt = answer.CreatedAt,
            FinishReason = FinishReasonOf(answer),
            Usage = NoUsage(),
            AdditionalProperties = Properties(answer, result, similarity),
        };
    }

    /// <summary>One update a content; the finish reason with the last content, the usage after it.</summary>
    public static IEnumerable<ChatResponseUpdate> ToUpdates(CachedAnswer answer, string result, double? similarity = null)
    {
        for (var i = 0; i < answer.Messages.Length; i++)
        {
            var message = answer.Messages[i];
            for (var j = 0; j < Math.Max(message.Contents.Length, 1); j++)
            {
                var isLast = i == answer.Messages.Length - 1 && j >= message.Contents.Length - 1;
                yield return new ChatResponseUpdate
                {
                    Role = message.RoleOf(),
                    AuthorName = message.AuthorName,
                    MessageId = message.MessageId,
                    CreatedAt = message.CreatedAt ?? answer.CreatedAt,
                    ResponseId = answer.ResponseId,
                    ModelId = answer.ModelId,
                    FinishReason = isLast ? FinishReasonOf(answer) : null,
                    Contents = j < message.Contents.Length ? [message.Contents[j].Create()] : [],
                    AdditionalProperties = j == 0 ? CachedJson.Read(message.Properties) : null,
                };
            }
        }

        yield return Last(answer, result, similarity);
    }

    /// <summary>The update that says where the answer is from. It has no message id: properties of one that has are taken for those of the message.</summary>
    public static ChatResponseUpdate Last(CachedAnswer answer, string result, double? similarity = null) => new()
    {
        ResponseId = answer.ResponseId,
        ModelId = answer.ModelId,
        CreatedAt = answer.CreatedAt,
        Contents = [new UsageContent(NoUsage())],
        AdditionalProperties = Properties(answer, result, similarity),
    };

    public static UsageDetails NoUsage() => new() { InputTokenCount = 0, OutputTokenCount = 0, TotalTokenCount = 0 };

    private static AdditionalPropertiesDictionary Properties(CachedAnswer answer, string result, double? similarity)
    {
        var properties = CachedJson.Read(answer.Properties) ?? [];
        properties[ResponseCacheProperties.Result] = result;
        if (answer.Usage is not null)
        {
            properties[ResponseCacheProperties.OriginalUsage] = CachedAnswer.CopyOf(answer.Usage);
        }

        if (similarity is { } value)
        {
            properties[ResponseCacheProperties.Similarity] = value;
        }

        return properties;
    }

    private static ChatFinishReason? FinishReasonOf(CachedAnswer answer) => answer.FinishReason switch
    {
        null => null,
        "stop" => ChatFinishReason.Stop,
        var other => new ChatFinishReason(other),
    };
}
