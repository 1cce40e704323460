using AgentHosting.Pricing;
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
                Meter(message.Contents);
            }
        }
    }

    public void Add(ChatResponseUpdate update)
    {
        if (!keys.CountsTokens)
        {
            return;
        }

        Meter(update.Contents);
        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (update.Contents[i] is UsageContent { Details: { } details })
            {
                // Added up, as Microsoft.Extensions.AI does it.
                (_usage ??= new UsageDetails()).Add(details);
            }
        }
    }

    private void Meter(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            _metered += contents[i] switch
            {
                TextContent text => counter.CountOutput(text.Text),
                TextReasoningContent reasoning => counter.CountOutput(reasoning.Text),
                FunctionCallContent call => Count(call),
                _ => 0,
            };
        }
    }

    private long Count(FunctionCallContent call)
    {
        var tokens = counter.CountOutput(call.Name);
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            tokens += counter.CountOutput(name) + counter.CountOutput(value?.ToString());
        }

        return tokens;
    }
}
