using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.RateLimits.Internal;

/// <summary>One request that was admitted, and what is known of the tokens it used.</summary>
internal sealed class ModelRateLimitCall(RateLimitDecision decision, ModelRateLimitKeys keys, long inputTokens, ITokenCounter counter)
{
    private UsageDetails? _usage;
    private readonly OutputMeter _meter = new(counter);
    private bool _isWhole;

    public RateLimitDecision Decision => decision;

    public ModelRateLimitKeys Keys => keys;

    /// <summary>What was reported, with what came from the provider's cache; what was not is counted. Of an answer that did not come to its end at least what was seen of it.</summary>
    public long UsedTokens
    {
        get
        {
            var input = (_usage is null ? null : UsageReading.Of(_usage).Input) ?? inputTokens;
            var output = _usage?.OutputTokenCount is >= 0 and var said ? said : _meter.Tokens;
            return Math.Clamp(input + (_isWhole ? output : Math.Max(output, _meter.Tokens)), 0, RateLimitDemand.MaxAmount);
        }
    }

    /// <summary>Notes that the answer came to its end, so that what was reported of it is all.</summary>
    public void Complete() => _isWhole = true;

    public void Add(ChatResponse response)
    {
        if (!keys.CountsTokens)
        {
            return;
        }

        _isWhole = true;
        _usage = response.Usage;
        if (_usage?.OutputTokenCount is not >= 0)
        {
            foreach (var message in response.Messages)
            {
                _meter.Add(message.Contents);
            }
        }
    }

    public void Add(ChatResponseUpdate update)
    {
        if (!keys.CountsTokens)
        {
            return;
        }

        _meter.Add(update.Contents);
        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (update.Contents[i] is UsageContent { Details: { } details })
            {
                // They add up, whatever the provider's way: its client sees to that (ModelOptions.StreamedUsage).
                (_usage ??= new UsageDetails()).Add(details);
            }
        }
    }
}
