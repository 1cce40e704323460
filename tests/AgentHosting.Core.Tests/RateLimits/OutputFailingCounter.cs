using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.RateLimits;

/// <summary>A counter that knows requests and fails on answers.</summary>
internal sealed class OutputFailingCounter : ITokenCounter
{
    public long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options) => messages.Sum(static message => message.Text.Length);

    public long CountOutput(ReadOnlySpan<char> text) => throw new InvalidOperationException("broken");
}
