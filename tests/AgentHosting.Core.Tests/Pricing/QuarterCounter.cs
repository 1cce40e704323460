using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pricing;

/// <summary>Four characters are a token, and what is left over is one too.</summary>
internal sealed class QuarterCounter : ITokenCounter
{
    public long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options) => messages.Sum(message => CountOutput(message.Text));

    public long CountOutput(ReadOnlySpan<char> text) => (text.Length + 3) / 4;
}
