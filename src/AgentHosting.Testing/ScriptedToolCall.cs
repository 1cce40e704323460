using AgentHosting.Testing.Internal;

namespace AgentHosting.Testing;

/// <summary>A tool call that a scripted model makes.</summary>
/// <remarks>
/// Arguments are kept as JSON and handed over as parsed from it, so values arrive as <see cref="System.Text.Json.JsonElement"/>, as from a real provider.
/// </remarks>
public sealed class ScriptedToolCall
{
    /// <summary>Creates a call with arguments that are written as JSON.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments; <see langword="null"/> is an empty object.</param>
    /// <param name="callId">The call id; <see langword="null"/> makes <c>call_N_P</c> from the number of the model call and the position in it, from 1.</param>
    /// <exception cref="ArgumentException">The name is empty, or a value cannot be written as JSON.</exception>
    public ScriptedToolCall(string name, IReadOnlyDictionary<string, object?>? arguments = null, string? callId = null)
        : this(name, ToolArguments.ToJson(arguments), callId)
    {
    }

    /// <summary>Creates a call from the argument text that the model writes, which may be broken JSON.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="argumentsJson">
    /// The argument text, sent as it is. If it is no JSON object, the call content carries the parse error, as with a real provider.
    /// </param>
    /// <param name="callId">The call id; <see langword="null"/> makes <c>call_N_P</c> from the number of the model call and the position in it, from 1.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public ScriptedToolCall(string name, string argumentsJson, string? callId = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(argumentsJson);
        Name = name;
        ArgumentsJson = argumentsJson;
        CallId = callId;
    }

    /// <summary>The name of the tool.</summary>
    public string Name { get; }

    /// <summary>The arguments as the model writes them.</summary>
    public string ArgumentsJson { get; }

    /// <summary>The fixed call id, or <see langword="null"/> when it is made for each call.</summary>
    public string? CallId { get; }
}
