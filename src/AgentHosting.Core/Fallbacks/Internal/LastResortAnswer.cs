using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>The message of last resort in either shape: marked, finished, without usage and without a model.</summary>
internal readonly struct LastResortAnswer(string message)
{
    public ChatResponse ToResponse() => new(new ChatMessage(ChatRole.Assistant, message))
    {
        FinishReason = ChatFinishReason.Stop,
        Usage = NoUsage(),
        AdditionalProperties = Mark(),
    };

    public ChatResponseUpdate ToUpdate() => new(ChatRole.Assistant, [new TextContent(message), new UsageContent(NoUsage())])
    {
        FinishReason = ChatFinishReason.Stop,
        AdditionalProperties = Mark(),
    };

    private static UsageDetails NoUsage() => new() { InputTokenCount = 0, OutputTokenCount = 0, TotalTokenCount = 0 };

    private static AdditionalPropertiesDictionary Mark() => new() { [DegradedResponse.PropertyName] = true };
}
