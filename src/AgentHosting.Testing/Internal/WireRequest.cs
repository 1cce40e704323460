using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

internal sealed record WireRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions Options, bool IsStreaming, bool IncludeUsage)
{
    public ScriptedRequest ToScripted(int callIndex) =>
        new() { Messages = Messages, Options = Options, CallIndex = callIndex, IsStreaming = IsStreaming };
}
