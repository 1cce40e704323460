using Microsoft.Extensions.AI;

namespace AgentHosting.Transcripts.Internal;

/// <summary>A call of a conversation, and the result that was found for it.</summary>
internal sealed class ToolCallSlot(int message, string callId)
{
    public int Message => message;

    public string CallId => callId;

    public FunctionResultContent? Result { get; set; }
}
