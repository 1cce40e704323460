using AgentHosting.Models.Internal;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Declares how a provider reports usage, in pipelines without a model catalog.</summary>
public static class ReportedUsageChatClientBuilderExtensions
{
    /// <summary>
    /// Makes the usage that a provider reports what Microsoft.Extensions.AI says it is, so that budget, rate limit, cache and journal read it rightly. Add it last,
    /// directly above the provider's client. A model of the catalog is declared by its options instead; where both are there, this holds.
    /// </summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="streamedUsage">How it reports usage when it does so more than once in a stream.</param>
    /// <param name="cachedInput">Whether its input tokens contain those of its cache.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is none of its kind.</exception>
    public static ChatClientBuilder UseReportedUsage(
        this ChatClientBuilder builder, StreamedUsage streamedUsage = StreamedUsage.Sum, CachedInputReport cachedInput = CachedInputReport.Detect)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ThrowIfUndefined(streamedUsage, nameof(streamedUsage));
        ThrowIfUndefined(cachedInput, nameof(cachedInput));
        return builder.Use(inner => ReportedUsageChatClient.Around(inner, streamedUsage, cachedInput));
    }

    private static void ThrowIfUndefined<T>(T value, string name)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"Use one of: {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }
}
