using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ContextWindows;

/// <summary>A character is a token, so that a test can tell what fits. Counts how often it was asked for a whole request.</summary>
internal sealed class LengthCounter(int extraPerRequest = 0) : ITokenCounter
{
    public int Counts { get; private set; }

    public long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        Counts++;
        return extraPerRequest + (options?.Instructions?.Length ?? 0) + messages.Sum(message => message.Contents.Sum(Length));
    }

    public long CountOutput(ReadOnlySpan<char> text) => text.Length;

    private static int Length(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        FunctionCallContent => 1,
        FunctionResultContent result => result.Result?.ToString()?.Length ?? 0,
        _ => 0,
    };
}
