using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pricing;

/// <summary>Counts every request as the same.</summary>
internal sealed class FixedCounter(long tokens) : ITokenCounter
{
    public long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options) => tokens;

    public long CountOutput(ReadOnlySpan<char> text) => text.Length;
}
