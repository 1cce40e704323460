using System.Globalization;
using AgentHosting.Testing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing;

public sealed partial class ScriptedTurn
{
    /// <summary>Adds text, sent word by word after the text that the turn has and before its tool calls.</summary>
    /// <param name="text">The text to add.</param>
    public ScriptedTurn WithText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Change(turn => turn.TextChunks = [.. TextChunks, .. TextChunker.ByWord(text)]);
    }

    /// <summary>Adds a tool call after those that the turn has.</summary>
    /// <param name="call">The call to add.</param>
    public ScriptedTurn WithToolCall(ScriptedToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Change(turn => turn.Calls = [.. Calls, call]);
    }

    /// <summary>Puts visible reasoning before the answer. On the wire it is <c>reasoning_content</c>, as DeepSeek, vLLM and others send it.</summary>
    /// <param name="text">The reasoning text.</param>
    public ScriptedTurn WithReasoning(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Change(turn => turn.Reasoning = text);
    }

    /// <summary>Waits before the first update, or before the failure. <see cref="LocalModelServer"/> waits before the headers.</summary>
    /// <param name="delay">How long.</param>
    public ScriptedTurn WithDelay(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return Change(turn => turn.Delay = delay);
    }

    /// <summary>Waits before each content chunk but the first: a slow stream. A response that is not streamed takes as long in total.</summary>
    /// <param name="delay">How long before each chunk.</param>
    public ScriptedTurn WithChunkDelay(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return Change(turn => turn.ChunkDelay = delay);
    }

    /// <summary>Reports this usage in place of the estimate.</summary>
    /// <param name="input">Input tokens, cached ones included.</param>
    /// <param name="output">Output tokens, reasoning ones included.</param>
    /// <param name="cached">Input tokens read from the provider's cache; <see langword="null"/> reports none.</param>
    /// <param name="reasoning">Output tokens spent on reasoning; <see langword="null"/> reports none.</param>
    public ScriptedTurn WithUsage(long input, long output, long? cached = null, long? reasoning = null) =>
        Change(turn =>
        {
            turn.HasUsage = true;
            turn.Usage = new UsageDetails
            {
                InputTokenCount = input,
                OutputTokenCount = output,
                TotalTokenCount = input + output,
                CachedInputTokenCount = cached,
                ReasoningTokenCount = reasoning,
            };
        });

    /// <summary>Reports no usage, as some providers do.</summary>
    public ScriptedTurn WithoutUsage() => Change(static turn => turn.HasUsage = false);

    /// <summary>Ends with this finish reason. The default is <c>tool_calls</c> for a turn with tool calls, else <c>stop</c>.</summary>
    /// <param name="finishReason">The reason. Clients of OpenAI's SDK accept only those that OpenAI defines.</param>
    public ScriptedTurn WithFinishReason(ChatFinishReason finishReason) =>
        Change(turn =>
        {
            turn.HasFinishReason = true;
            turn.FinishReason = finishReason;
        });

    /// <summary>Ends without a finish reason, as a stream does that was cut. Usage is left out too, unless <see cref="WithUsage"/> was called.</summary>
    /// <remarks>Without streaming <see cref="LocalModelServer"/> sends a null <c>finish_reason</c>, which OpenAI's SDK refuses.</remarks>
    public ScriptedTurn WithoutFinishReason() => Change(static turn => turn.HasFinishReason = false);

    /// <summary>Answers under this model name. The default is the model asked for.</summary>
    /// <param name="modelId">The name.</param>
    public ScriptedTurn WithModelId(string modelId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelId);
        return Change(turn => turn.ModelId = modelId);
    }

    /// <summary>Sets a response header: on the wire for any turn, in process on the <see cref="ScriptedHttpException"/>.</summary>
    /// <param name="name">The name; setting it again replaces the value.</param>
    /// <param name="value">The value.</param>
    public ScriptedTurn WithHeader(string name, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        return Change(turn => turn.Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase) { [name] = value });
    }

    /// <summary>
    /// Asks the caller to wait: <c>Retry-After</c> in whole seconds, rounded up, and <c>retry-after-ms</c> too when the time is no whole number of seconds.
    /// For an HTTP date use <see cref="WithHeader"/>.
    /// </summary>
    /// <param name="delay">How long.</param>
    public ScriptedTurn WithRetryAfter(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        var seconds = (long)Math.Ceiling(delay.TotalSeconds);
        var turn = WithHeader("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
        return delay == TimeSpan.FromSeconds(seconds)
            ? turn
            : turn.WithHeader("retry-after-ms", ((long)Math.Ceiling(delay.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Sets the error code of a failure, for example <c>context_length_exceeded</c>.</summary>
    /// <param name="code">The code.</param>
    /// <param name="type">The error type; by default the one that OpenAI uses with the status.</param>
    public ScriptedTurn WithErrorCode(string code, string? type = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(code);
        return Change(turn =>
        {
            turn.ErrorCode = code;
            turn.ErrorType = type;
        });
    }

    /// <summary>
    /// Fails in the middle of a stream. Without streaming the call fails; <see cref="LocalModelServer"/> resets the connection at that point.
    /// </summary>
    /// <param name="chunks">After how many content chunks. A number beyond the last means: after all content, before the finish reason.</param>
    /// <param name="exception">What <see cref="ScriptedChatClient"/> throws.</param>
    public ScriptedTurn FailAfter(int chunks, Exception exception)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunks);
        ArgumentNullException.ThrowIfNull(exception);
        return Change(turn => turn.Break = new TurnBreak(WireFault.ResetMidStream, chunks, exception));
    }

    /// <summary>Falls silent in the middle of a stream until the caller gives up.</summary>
    /// <param name="chunks">After how many content chunks. A number beyond the last means: after all content, before the finish reason.</param>
    public ScriptedTurn StallAfter(int chunks) => WithFault(WireFault.StallMidStream, chunks);

    /// <summary>Breaks the connection of this answer. A turn breaks once: the last call of FailAfter, StallAfter or WithFault counts.</summary>
    /// <param name="fault">How it breaks.</param>
    /// <param name="afterChunks">After how many content chunks, for the faults that act in the middle of a stream; must be 0 for the others.</param>
    public ScriptedTurn WithFault(WireFault fault, int afterChunks = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterChunks);
        if (afterChunks > 0 && !TurnBreak.IsMidStream(fault))
        {
            throw new ArgumentOutOfRangeException(
                nameof(afterChunks),
                afterChunks,
                $"{fault} happens before any content. Leave afterChunks at 0, or use one of the faults in the middle of a stream.");
        }

        return Change(turn => turn.Break = new TurnBreak(fault, afterChunks, Exception: null));
    }
}
