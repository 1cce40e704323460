namespace AgentHosting.Testing;

/// <summary>
/// The ways a provider's connection breaks. <see cref="LocalModelServer"/> plays them on a real socket; <see cref="ScriptedChatClient"/>
/// throws or waits as a client on such a connection would.
/// </summary>
public enum WireFault
{
    /// <summary>The connection is reset before any response header. In process: <see cref="HttpRequestException"/>.</summary>
    ResetBeforeHeaders,

    /// <summary>The status line and headers arrive, then the connection is reset. In process: <see cref="HttpIOException"/>.</summary>
    ResetAfterHeaders,

    /// <summary>The connection is reset after a number of content chunks. In process: <see cref="HttpIOException"/>.</summary>
    ResetMidStream,

    /// <summary>The request is read and never answered, until the caller gives up.</summary>
    StallBeforeHeaders,

    /// <summary>The headers arrive and nothing follows, until the caller gives up. In process the same as <see cref="StallBeforeHeaders"/>.</summary>
    StallBeforeFirstToken,

    /// <summary>The stream falls silent after a number of content chunks, until the caller gives up.</summary>
    StallMidStream,

    /// <summary>
    /// The body ends cleanly after a number of content chunks: no finish reason, no usage, no <c>[DONE]</c>. A response that is not streamed is cut
    /// in the middle of its JSON; in process that is a <see cref="System.Text.Json.JsonException"/>. The server records <see cref="RequestOutcome.Failed"/>;
    /// in process a stream counts as <see cref="RequestOutcome.Completed"/>, because nothing was thrown.
    /// </summary>
    TruncatedStream,

    /// <summary>Status 200 with a body that is not JSON, as from a broken proxy. In process: <see cref="System.Text.Json.JsonException"/>.</summary>
    GarbageBody,

    /// <summary>
    /// One server-sent event that is not JSON after a number of content chunks; the stream then goes on. A response that is not streamed is
    /// <see cref="GarbageBody"/>. In process: <see cref="System.Text.Json.JsonException"/>. The server records <see cref="RequestOutcome.Failed"/>, or
    /// <see cref="RequestOutcome.Cancelled"/> when the client hangs up before the rest.
    /// </summary>
    GarbageChunk,
}
