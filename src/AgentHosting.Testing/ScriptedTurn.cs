using System.Net;
using AgentHosting.Testing.Internal;

namespace AgentHosting.Testing;

/// <summary>
/// One answer of a scripted model: text, tool calls, a failure or a broken connection. Immutable: each <c>With</c> method returns a new turn, so a
/// turn may be kept in a static field and shared.
/// </summary>
/// <remarks>
/// A turn is played as content chunks in this order: the reasoning (one chunk), the text chunks, the tool calls (one chunk each); then the finish
/// reason, then the usage. Counts of chunks in <see cref="FailAfter"/>, <see cref="StallAfter"/> and <see cref="WithFault"/> are in this order.
/// </remarks>
public sealed partial class ScriptedTurn
{
    private ScriptedTurn()
    {
    }

    /// <summary>A text answer. A stream gets it word by word.</summary>
    /// <param name="text">The text; it may be empty.</param>
    public static ScriptedTurn Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ScriptedTurn { TextChunks = TextChunker.ByWord(text) };
    }

    /// <summary>A text answer that a stream gets in pieces of a fixed size.</summary>
    /// <param name="text">The text; it may be empty.</param>
    /// <param name="chunkSize">The length of a piece in UTF-16 characters, from 1. A surrogate pair is never split.</param>
    public static ScriptedTurn Text(string text, int chunkSize)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSize, 1);
        return new ScriptedTurn { TextChunks = TextChunker.BySize(text, chunkSize) };
    }

    /// <summary>A text answer in exactly these chunks. Without streaming it is their concatenation.</summary>
    /// <param name="chunks">The chunks, in order. An empty chunk is sent as such.</param>
    public static ScriptedTurn Stream(params string[] chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        return new ScriptedTurn { TextChunks = [.. chunks] };
    }

    /// <summary>A call of one tool.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments; <see langword="null"/> is an empty object.</param>
    /// <param name="callId">The call id; <see langword="null"/> makes one that is unique in the script.</param>
    public static ScriptedTurn ToolCall(string name, IReadOnlyDictionary<string, object?>? arguments = null, string? callId = null) =>
        ToolCalls(new ScriptedToolCall(name, arguments, callId));

    /// <summary>A call of one tool with the argument text as the model writes it, which may be broken JSON.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="argumentsJson">The argument text.</param>
    /// <param name="callId">The call id; <see langword="null"/> makes one that is unique in the script.</param>
    public static ScriptedTurn ToolCall(string name, string argumentsJson, string? callId = null) =>
        ToolCalls(new ScriptedToolCall(name, argumentsJson, callId));

    /// <summary>Several tool calls in one answer.</summary>
    /// <param name="calls">The calls, in order.</param>
    public static ScriptedTurn ToolCalls(params ScriptedToolCall[] calls)
    {
        ArgumentNullException.ThrowIfNull(calls);
        return new ScriptedTurn { Calls = [.. calls] };
    }

    /// <summary>A call that fails with this exception before any content.</summary>
    /// <param name="exception">
    /// Thrown as it is by <see cref="ScriptedChatClient"/>. <see cref="LocalModelServer"/> answers with its status when it is an
    /// <see cref="HttpRequestException"/> that has one, resets the connection for an <see cref="IOException"/>, and answers 500 for any other.
    /// </param>
    public static ScriptedTurn Fail(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new ScriptedTurn { Error = exception };
    }

    /// <summary>A call that the provider refuses with an HTTP status. In process: <see cref="ScriptedHttpException"/>.</summary>
    /// <param name="status">The status, 400 to 599.</param>
    /// <param name="message">The provider's message; by default one that names the status.</param>
    public static ScriptedTurn Fail(int status, string? message = null)
    {
        if (status is < 400 or > 599)
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "A failure needs a status from 400 to 599. Use Text or ToolCall for an answer.");
        }

        return new ScriptedTurn { Status = status, ErrorMessage = message };
    }

    /// <summary>A call that the provider refuses with an HTTP status. In process: <see cref="ScriptedHttpException"/>.</summary>
    /// <param name="status">The status, 400 to 599.</param>
    /// <param name="message">The provider's message; by default one that names the status.</param>
    public static ScriptedTurn Fail(HttpStatusCode status, string? message = null) => Fail((int)status, message);

    /// <summary>
    /// A call whose connection breaks. Chunks that come before the break are the words of a filler text; <see cref="WithFault"/> breaks an answer of
    /// your own.
    /// </summary>
    /// <param name="fault">How it breaks.</param>
    /// <param name="afterChunks">After how many content chunks, for the faults that act in the middle of a stream.</param>
    public static ScriptedTurn Fault(WireFault fault, int afterChunks = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterChunks);
        var words = Enumerable.Range(1, afterChunks + 2).Select(static number => $"chunk{number} ");
        return Stream([.. words]).WithFault(fault, afterChunks);
    }
}
