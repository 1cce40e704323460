using AgentHosting.Testing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing;

/// <summary>What a script sees of one model call.</summary>
public sealed class ScriptedRequest
{
    /// <summary>The messages sent, oldest first.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>A copy of the options sent, or <see langword="null"/>.</summary>
    public ChatOptions? Options { get; init; }

    /// <summary>The number of this call, from 0. A request that <see cref="LocalModelServer"/> refuses as malformed takes no number.</summary>
    public int CallIndex { get; init; }

    /// <summary>Whether the caller asked for a stream.</summary>
    public bool IsStreaming { get; init; }

    /// <summary>The model asked for, or <see langword="null"/>.</summary>
    public string? ModelId => Options?.ModelId;

    /// <summary>The text of the last user message, or an empty string when there is none.</summary>
    public string LastUserText => Messages.LastOrDefault(static message => message.Role == ChatRole.User)?.Text ?? "";

    /// <summary>The tool results after the last user message, oldest first. Empty at the start of a turn.</summary>
    public IReadOnlyList<FunctionResultContent> ToolResults =>
        [.. Messages
            .Reverse()
            .TakeWhile(static message => message.Role != ChatRole.User)
            .Reverse()
            .SelectMany(static message => message.Contents.OfType<FunctionResultContent>())];

    /// <summary>
    /// <see cref="ToolResults"/> as the model reads them: a string that the tool returned through an AIFunction is JSON text, with its quotes. The same
    /// in process and on the wire.
    /// </summary>
    public IReadOnlyList<string> ToolResultTexts => [.. ToolResults.Select(ToolResultText.Of)];

    /// <summary>Whether the request offers a tool of this name.</summary>
    /// <param name="name">The tool name, compared exactly.</param>
    public bool OffersTool(string name) => Options?.Tools?.Any(tool => tool.Name == name) ?? false;
}
