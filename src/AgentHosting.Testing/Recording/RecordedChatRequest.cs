using Microsoft.Extensions.AI;

namespace AgentHosting.Testing;

/// <summary>One call that <see cref="ScriptedChatClient"/> received. The outcome is filled in when the call ends.</summary>
public sealed class RecordedChatRequest
{
    private Settlement? _settlement;

    internal RecordedChatRequest(ScriptedRequest request, DateTimeOffset startedAt)
    {
        Index = request.CallIndex;
        Messages = request.Messages;
        Options = request.Options;
        IsStreaming = request.IsStreaming;
        StartedAt = startedAt;
    }

    /// <summary>The number of the call, from 0.</summary>
    public int Index { get; }

    /// <summary>A copy of the message list as it was at the call, each message with a copy of its content list.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>A clone of the options as they were at the call, or <see langword="null"/>.</summary>
    public ChatOptions? Options { get; }

    /// <summary>Whether the call was <see cref="IChatClient.GetStreamingResponseAsync"/>.</summary>
    public bool IsStreaming { get; }

    /// <summary>When the call began, by the client's clock.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When the call ended, or <see langword="null"/> while it is in flight.</summary>
    public DateTimeOffset? EndedAt => Volatile.Read(ref _settlement)?.EndedAt;

    /// <summary>How the call ended.</summary>
    public RequestOutcome Outcome => Volatile.Read(ref _settlement)?.Outcome ?? RequestOutcome.InFlight;

    /// <summary>What the call threw, or <see langword="null"/>.</summary>
    public Exception? Error => Volatile.Read(ref _settlement)?.Error;

    internal void Settle(RequestOutcome outcome, DateTimeOffset endedAt, Exception? error) =>
        Volatile.Write(ref _settlement, new Settlement(outcome, endedAt, error));

    private sealed record Settlement(RequestOutcome Outcome, DateTimeOffset EndedAt, Exception? Error);
}
