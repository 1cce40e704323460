using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs;

/// <summary>Offers runs as an <see cref="IChatClient"/>.</summary>
public static class AgentRunChatClientExtensions
{
    /// <summary>A chat client whose every call is a durable run of an agent. It keeps nothing between calls and may be used by many at once.</summary>
    /// <remarks>
    /// <para>
    /// A call takes one message of the user; the conversation is that of <see cref="ChatOptions.ConversationId"/>, the run's session. Who asks is in the call context
    /// (<see cref="AgentCallContextExtensions.WithAgentContext"/>), else nobody in particular. What the agent decides (instructions, tools, model settings) is refused in the options.
    /// </para>
    /// <para>
    /// With <see cref="ChatOptions.AllowBackgroundResponses"/> the response comes at once and empty, with a <see cref="ChatResponse.ContinuationToken"/> to ask again with, from any process that shares
    /// the store; each update of a stream has one to go on after it, so that a stream that broke misses nothing. Without it a call waits for the run, also while that waits for an approval, and a
    /// call that is cancelled cancels its run.
    /// </para>
    /// <para>The text of each step is a message of its own (<see cref="ChatResponseUpdate.MessageId"/>); a step that another attempt does anew begins another one, whose id has the same beginning.</para>
    /// </remarks>
    /// <param name="runs">Where runs are submitted.</param>
    /// <param name="agent">The agent's name; <see langword="null"/> for the default agent.</param>
    /// <returns>The client. It throws what <see cref="IAgentRunClient.SubmitAsync"/> throws, <see cref="ArgumentException"/> for what a run cannot take, and <see cref="AgentRunFailedException"/> for a run that ends without a result.</returns>
    public static IChatClient AsChatClient(this IAgentRunClient runs, string? agent = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return new AgentRunChatClient(runs, agent);
    }
}
