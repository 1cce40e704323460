using AgentHosting.Models;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>A model that may answer: a name for the client below the stage, or a client of its own.</summary>
internal sealed class FallbackCandidate
{
    public required string Name { get; init; }

    public required IChatClient Client { get; init; }

    /// <summary>What is known about it, when a catalog is below.</summary>
    public ModelOptions? Limits { get; init; }

    /// <summary>Whether it is the one that was asked for, so that the call goes on as it is.</summary>
    public bool IsRequested { get; init; }

    /// <summary>The name to send; <see langword="null"/> for a client of its own, which knows its model.</summary>
    public string? ModelId { get; init; }

    /// <summary>Why it cannot take the request whatever its health, or <see langword="null"/>.</summary>
    public string? Misses(IReadOnlyList<ChatMessage> messages, ChatOptions? options) => Limits is null ? null : Misses(Limits, messages, options);

    /// <summary>Why a model with these limits cannot take the request, or <see langword="null"/>.</summary>
    public static string? Misses(ModelOptions limits, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        return !limits.SupportsTools && options?.Tools is { Count: > 0 } ? "it does not take tools"
            : !limits.SupportsJsonSchema && options?.ResponseFormat is ChatResponseFormatJson { Schema: not null } ? "it does not answer in a JSON schema"
            : !limits.SupportsImages && Holds(messages, "image") ? "it does not take images"
            : !limits.SupportsAudio && Holds(messages, "audio") ? "it does not take audio"
            : null;
    }

    /// <summary>The options to call it with. The caller's own are left as they are.</summary>
    public ChatOptions? OptionsFor(ChatOptions? options, AgentCallContext? context)
    {
        if (IsRequested)
        {
            return context is null ? options : options.WithAgentContext(context);
        }

        var own = context is null ? options?.Clone() ?? new ChatOptions() : options.WithAgentContext(context);
        own.ModelId = ModelId;
        // A conversation that one provider keeps means nothing to another, nor does the token of an answer that one is working on.
        own.ConversationId = null;
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
        own.ContinuationToken = null;
#pragma warning restore MEAI001
        return own;
    }

    private static bool Holds(IReadOnlyList<ChatMessage> messages, string topLevelType)
    {
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
            {
                if ((content is DataContent data && data.HasTopLevelMediaType(topLevelType)) || (content is UriContent uri && uri.HasTopLevelMediaType(topLevelType)))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
