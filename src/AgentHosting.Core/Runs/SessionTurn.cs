namespace AgentHosting.Runs;

/// <summary>What one run added to a conversation.</summary>
public sealed class SessionTurn
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The messages in the journal's format; empty where no attempt ended the run, so that <see cref="Message"/> and its journal say what was said.</summary>
    public ReadOnlyMemory<byte> Messages { get; init; }

    /// <summary>The newest version of the journal's format in the turn.</summary>
    /// <value>The default is 1.</value>
    public int Version { get; init; } = 1;

    /// <summary>The user's message, where there are no <see cref="Messages"/>.</summary>
    public string? Message { get; init; }

    /// <summary>The steps with their payloads, where there are no <see cref="Messages"/>.</summary>
    public IReadOnlyList<RunStep> Journal { get; init; } = [];

    /// <summary>What watchers saw of a step that was not done, where there are no <see cref="Messages"/>: the text of its <c>text.delta</c> events since it last began.
    /// Steps whose key does not begin with a digit or has a slash are calls of code, and not part of the conversation.</summary>
    public string? PartialText { get; init; }

    /// <summary>The keys of the waits that nobody answered, where there are no <see cref="Messages"/>.</summary>
    public IReadOnlyList<string> Unanswered { get; init; } = [];
}
