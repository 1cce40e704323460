using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Models.Internal;

/// <summary>Makes the tokens of a provider's cache part of the input, where its report has them beside it.</summary>
internal static class InputWithCache
{
    /// <returns>A copy; the report itself where there is nothing to do.</returns>
    public static UsageDetails Of(UsageDetails usage, CachedInputReport report)
    {
        var reading = UsageReading.Of(usage, report);
        var beside = reading.IsBeside ? reading.Cached + reading.Written : 0;
        // Also a zero is written down where only a name has it: by the name alone, whoever reads it next would take the cache for input beside the rest.
        if (beside == 0 && (usage.CachedInputTokenCount is not null || !reading.IsNamed))
        {
            return usage;
        }

        var copy = new UsageDetails();
        copy.Add(usage);
        copy.CachedInputTokenCount = reading.Cached;
        if (beside > 0)
        {
            var isSum = usage.TotalTokenCount == (usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0);
            // What is reported as less than nothing stays so, to be counted.
            copy.InputTokenCount = usage.InputTokenCount is < 0 ? usage.InputTokenCount : (usage.InputTokenCount ?? 0) + beside;
            copy.TotalTokenCount += isSum ? beside : 0;
        }

        return copy;
    }
}
