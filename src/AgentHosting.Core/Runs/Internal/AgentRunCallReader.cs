using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Continuation tokens are experimental: nothing of them is in our own API.

namespace AgentHosting.Runs.Internal;

/// <summary>What a chat call says of a run. What a run cannot take is refused, and not left out.</summary>
internal static class AgentRunCallReader
{
    public static AgentRunRequest Read(IEnumerable<ChatMessage> messages, ChatOptions? options, AgentIdentity identity, string? agent)
    {
        Check(options, agent);
        var all = messages.ToArray();
        if (all is not [{ Role: var role, Contents: var contents } message] || role != ChatRole.User || contents.Any(static content => content is not TextContent))
        {
            throw new ArgumentException(
                "A run takes one message of the user, with text alone. What was said before belongs to the session: set ChatOptions.ConversationId. Instructions belong to the agent.", nameof(messages));
        }

        return new AgentRunRequest { Message = message.Text, Agent = agent, Identity = identity, SessionId = options?.ConversationId ?? options.GetAgentContext()?.SessionId };
    }

    public static AgentIdentity IdentityOf(ChatOptions? options) => options.GetAgentContext() is { } context
        ? new AgentIdentity { UserId = context.UserId ?? AgentIdentity.AnonymousUserId, TenantId = context.TenantId }
        : AgentIdentity.Anonymous;

    public static void CheckNoMessages(IEnumerable<ChatMessage> messages)
    {
        if (messages.Any())
        {
            throw new ArgumentException("A call with a ContinuationToken asks for a run that has its message. Leave the messages empty.", nameof(messages));
        }
    }

    private static void Check(ChatOptions? options, string? agent)
    {
        if (options is null)
        {
            return;
        }

        Refuse(options.ModelId is { } model && model != agent, nameof(options.ModelId), "name the agent in AsChatClient");
        Refuse(options.Tools is { Count: > 0 }, nameof(options.Tools), "give them to the agent with WithTool");
        Refuse(options.ToolMode is not null, nameof(options.ToolMode), "leave it out");
        Refuse(options.Instructions is not null, nameof(options.Instructions), "give them to the agent with WithInstructions");
        Refuse(options.ResponseFormat is not (null or ChatResponseFormatText), nameof(options.ResponseFormat), "leave it out");
        Refuse(options.Temperature is not null, nameof(options.Temperature), "set it in the agent's options");
        Refuse(options.MaxOutputTokens is not null, nameof(options.MaxOutputTokens), "set it in the agent's options");
        Refuse(options.TopP is not null, nameof(options.TopP), "leave it out");
        Refuse(options.TopK is not null, nameof(options.TopK), "leave it out");
        Refuse(options.Seed is not null, nameof(options.Seed), "leave it out");
        Refuse(options.FrequencyPenalty is not null, nameof(options.FrequencyPenalty), "leave it out");
        Refuse(options.PresencePenalty is not null, nameof(options.PresencePenalty), "leave it out");
        Refuse(options.StopSequences is { Count: > 0 }, nameof(options.StopSequences), "leave it out");
        Refuse(options.Reasoning is not null, nameof(options.Reasoning), "leave it out");
        Refuse(options.RawRepresentationFactory is not null, nameof(options.RawRepresentationFactory), "leave it out");
    }

    private static void Refuse(bool isSet, string name, string instead)
    {
        if (isSet)
        {
            throw new ArgumentException($"ChatOptions.{name} is for the agent to decide: {instead}.");
        }
    }
}
