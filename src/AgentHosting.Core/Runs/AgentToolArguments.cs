using Microsoft.Extensions.AI;

namespace AgentHosting.Runs;

/// <summary>What a tool can learn from its <see cref="AIFunctionArguments"/> when it runs inside a run.</summary>
public static class AgentToolArguments
{
    internal const string IdempotencyKeyName = "agenthosting.idempotency_key";

    /// <summary>
    /// The key under which a tool's side effect is to be done once: <c>RUN_ID/STEP_KEY</c>. It is the same in every attempt of the run;
    /// the provider's call id is not a substitute, since it may repeat.
    /// </summary>
    /// <param name="arguments">The arguments the tool was called with.</param>
    /// <returns>The key, or <see langword="null"/> outside a run.</returns>
    public static string? GetIdempotencyKey(this AIFunctionArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Context is { } context && context.TryGetValue(IdempotencyKeyName, out var key) ? key as string : null;
    }
}
