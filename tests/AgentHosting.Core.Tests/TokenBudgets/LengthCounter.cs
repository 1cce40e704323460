using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>Every character is a token, so that a test's provider bills what the stage counts.</summary>
internal sealed class LengthCounter : ITokenCounter
{
    public long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options) => messages.Sum(static message => message.Text.Length);

    public long CountOutput(ReadOnlySpan<char> text) => text.Length;
}
