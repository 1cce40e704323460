using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.RateLimits.Internal;

/// <summary>One request that was admitted, and what is known of the tokens it used.</summary>
internal sealed class ModelRateLimitCall(RateLimitDecision decision, ModelRateLimitKeys keys, long inputTokens, ITokenCounter counter)
{
    private UsageDetails? _usage;
    private long _metered;

    public RateLimitDecision Decision => decision;

    public ModelRateLimitKeys Keys => keys;

    /// <summary>What was reported; what was not is counted. More than was metered may have been reported, and less when the end did not come.</summary>
    public long UsedTokens => Math.Clamp(
        (_usage?.InputTokenCount ?? inputTokens) + (_usage?.OutputTokenCount ?? _metered), 0, RateLimitDemand.MaxAmount);

    public void Add(ChatResponse response)
    {
        if (!keys.CountsTokens)
        {
            return;
        }

        _usage = response.Usage;
        if (_usage?.OutputTokenCount is null)
        {
            foreach (var message in response.Messages)
            {
                _metered += OutputMeter.Count(counter, message.Contents);
            }
        }
    }

    public void Add(ChatResponseUpdate update)
    {
        if (!keys.CountsTokens)
        {
            return;
        }

        _metered += OutputMeter.Count(counter, update.Contents);
        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (update.Contents[i] is UsageContent { Details: { } details })
            {
                // Added up, as Microsoft.Extensions.AI does it.
                (_usage ??= new UsageDetails()).Add(details);
            }
        }
    }
}
