using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs;

/// <summary>Tokens used by a run or a step.</summary>
public sealed class AgentRunUsage
{
    /// <summary>No tokens.</summary>
    public static AgentRunUsage Zero { get; } = new();

    /// <summary>Input tokens, cached ones included.</summary>
    public long InputTokens { get; init; }

    /// <summary>Output tokens, reasoning included.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Input tokens that the provider read from its cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Output tokens spent on reasoning.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>All tokens.</summary>
    public long TotalTokens { get; init; }

    /// <summary>Takes over what a provider reported; the total is computed where it is missing.</summary>
    /// <param name="usage">The provider's report.</param>
    /// <returns>The usage.</returns>
    public static AgentRunUsage From(UsageDetails usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        var reading = UsageReading.Of(usage);
        var input = reading.Input ?? usage.InputTokenCount ?? 0;
        var output = usage.OutputTokenCount ?? 0;
        return new AgentRunUsage
        {
            InputTokens = input,
            OutputTokens = output,
            CachedInputTokens = reading.Cached,
            ReasoningTokens = usage.ReasoningTokenCount ?? 0,
            TotalTokens = reading.IsBeside ? input + output : usage.TotalTokenCount ?? (input + output),
        };
    }

    /// <summary>The sum of this and <paramref name="other"/>.</summary>
    /// <param name="other">What to add.</param>
    /// <returns>A new object.</returns>
    public AgentRunUsage Plus(AgentRunUsage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new AgentRunUsage
        {
            InputTokens = InputTokens + other.InputTokens,
            OutputTokens = OutputTokens + other.OutputTokens,
            CachedInputTokens = CachedInputTokens + other.CachedInputTokens,
            ReasoningTokens = ReasoningTokens + other.ReasoningTokens,
            TotalTokens = TotalTokens + other.TotalTokens,
        };
    }
}
