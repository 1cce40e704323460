namespace AgentHosting.Testing;

/// <summary>One <c>POST /v1/chat/completions</c> that <see cref="LocalModelServer"/> received. The outcome is filled in when the exchange ends.</summary>
/// <remarks>
/// A client has the last byte a moment before the server notes the end: await <see cref="LocalModelServer.WaitForIdleAsync"/> before asserting on outcomes.
/// </remarks>
public sealed class RecordedHttpRequest
{
    private ScriptedRequest? _request;
    private Settlement? _settlement;

    internal RecordedHttpRequest(int index, IReadOnlyDictionary<string, string> headers, DateTimeOffset startedAt)
    {
        Index = index;
        Headers = headers;
        StartedAt = startedAt;
    }

    /// <summary>The number of the request, from 0, malformed ones included.</summary>
    public int Index { get; }

    /// <summary>The request headers, by name without case; several values of one name are joined by a comma.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The <c>Authorization</c> header, or <see langword="null"/>.</summary>
    public string? Authorization => Headers.GetValueOrDefault("Authorization");

    /// <summary>The bytes of the body as they came. Empty until they have all been read.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    /// <summary>The request as the script saw it, or <see langword="null"/> while it is being read or when it was malformed.</summary>
    public ScriptedRequest? Request
    {
        get => Volatile.Read(ref _request);
        internal set => Volatile.Write(ref _request, value);
    }

    /// <summary>The model asked for, or <see langword="null"/> while the request is being read or when it was malformed.</summary>
    public string? Model => Request?.ModelId;

    /// <summary>Whether a stream was asked for.</summary>
    public bool IsStreaming => Request?.IsStreaming ?? false;

    /// <summary>When the headers were read, by the server's clock.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When the exchange ended, or <see langword="null"/> while it is in flight.</summary>
    public DateTimeOffset? EndedAt => Volatile.Read(ref _settlement)?.EndedAt;

    /// <summary>How the exchange ended. An answer with an error status that was sent whole is <see cref="RequestOutcome.Failed"/>.</summary>
    public RequestOutcome Outcome => Volatile.Read(ref _settlement)?.Outcome ?? RequestOutcome.InFlight;

    /// <summary>The status sent, or <see langword="null"/> when no headers were sent.</summary>
    public int? StatusCode => Volatile.Read(ref _settlement)?.StatusCode;

    /// <summary>Why the server could not play the script: it ran out, it threw, or the server stopped. <see langword="null"/> otherwise.</summary>
    public Exception? Error => Volatile.Read(ref _settlement)?.Error;

    internal void Settle(RequestOutcome outcome, int? statusCode, Exception? error, DateTimeOffset endedAt) =>
        Volatile.Write(ref _settlement, new Settlement(outcome, statusCode, error, endedAt));

    private sealed record Settlement(RequestOutcome Outcome, int? StatusCode, Exception? Error, DateTimeOffset EndedAt);
}
