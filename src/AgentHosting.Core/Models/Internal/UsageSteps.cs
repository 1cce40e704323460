using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Models.Internal;

/// <summary>
/// Turns the reports of one stream into what was used since the report before. They add up to what the provider has reported in all: the sums, or of running totals
/// the largest of each count. The cache is looked at in what is known so far, since one report alone may have a part of it.
/// </summary>
internal sealed class UsageSteps(StreamedUsage streamedUsage, CachedInputReport cachedInput)
{
    private readonly UsageDetails _told = new();
    private UsageDetails _reported = new();

    public UsageDetails Next(UsageDetails report)
    {
        if (streamedUsage == StreamedUsage.Sum)
        {
            _reported.Add(report);
        }
        else
        {
            _reported = Map(report, _reported, static (now, before) => now is null || now < before ? before : now);
        }

        // A count says something if the report has it, or if what is known has grown, be it from nothing to zero.
        var step = Map(InputWithCache.Of(_reported, cachedInput), _told, static (known, told) => known is not >= 0 ? null : Math.Max(0, known.Value - (told ?? 0)));
        var saidBefore = Map(report, _told, static (reported, told) => reported is null ? told : null);
        step = Map(step, saidBefore, static (more, said) => more == 0 && said is not null ? null : more);
        _told.Add(step);
        return step;
    }

    private static UsageDetails Map(UsageDetails one, UsageDetails other, Func<long?, long?, long?> map)
    {
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
        var mapped = new UsageDetails
        {
            InputTokenCount = map(one.InputTokenCount, other.InputTokenCount),
            OutputTokenCount = map(one.OutputTokenCount, other.OutputTokenCount),
            TotalTokenCount = map(one.TotalTokenCount, other.TotalTokenCount),
            CachedInputTokenCount = map(one.CachedInputTokenCount, other.CachedInputTokenCount),
            ReasoningTokenCount = map(one.ReasoningTokenCount, other.ReasoningTokenCount),
            InputAudioTokenCount = map(one.InputAudioTokenCount, other.InputAudioTokenCount),
            InputTextTokenCount = map(one.InputTextTokenCount, other.InputTextTokenCount),
            OutputAudioTokenCount = map(one.OutputAudioTokenCount, other.OutputAudioTokenCount),
            OutputTextTokenCount = map(one.OutputTextTokenCount, other.OutputTextTokenCount),
        };
#pragma warning restore MEAI001
        var names = (one.AdditionalCounts?.Keys ?? []).Union(other.AdditionalCounts?.Keys ?? [], StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            if (map(CountOf(one, name), CountOf(other, name)) is { } count)
            {
                (mapped.AdditionalCounts ??= [])[name] = count;
            }
        }

        return mapped;
    }

    private static long? CountOf(UsageDetails usage, string name) =>
        usage.AdditionalCounts is { } counts && counts.TryGetValue(name, out var count) ? count : null;
}
