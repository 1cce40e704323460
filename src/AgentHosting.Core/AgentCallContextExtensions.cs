using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Carries an <see cref="AgentCallContext"/> in <see cref="ChatOptions"/>.</summary>
public static class AgentCallContextExtensions
{
    internal const string Key = ReservedProperties.Prefix + "context";

    /// <summary>Returns a copy of the options that carries <paramref name="context"/>.</summary>
    /// <param name="options">The options, which are left unchanged; <see langword="null"/> for none.</param>
    /// <param name="context">The context of the call.</param>
    /// <returns>The copy.</returns>
    public static ChatOptions WithAgentContext(this ChatOptions? options, AgentCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var copy = options?.Clone() ?? new ChatOptions();
        copy.AdditionalProperties ??= [];
        copy.AdditionalProperties[Key] = context;
        return copy;
    }

    /// <summary>Reads the context of a call.</summary>
    /// <param name="options">The options of the call.</param>
    /// <returns>The context, or <see langword="null"/> when the call carries none.</returns>
    public static AgentCallContext? GetAgentContext(this ChatOptions? options) =>
        options?.AdditionalProperties is { } properties && properties.TryGetValue(Key, out var value) ? value as AgentCallContext : null;
}
