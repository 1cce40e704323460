using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.AI;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>One request that is reserved, and what is known of its use so far.</summary>
internal sealed class TokenBudgetCall(SpendReservation reservation, ModelPrice? price, ChatOptions options, string model)
{
    private long _metered;
    private UsageDetails? _usage;

    public SpendReservation Reservation => reservation;

    public ChatOptions Options => options;

    public string Model => model;

    public long MaxOutputTokens => reservation.MaxOutputTokens;

    /// <summary>The output so far, counted.</summary>
    public long MeteredTokens => _metered;

    /// <summary>What input and output have cost so far.</summary>
    public decimal? SeenCost => price is null ? null : UsageCost.Of(Counted(), price);

    /// <summary>Notes an update of a stream.</summary>
    /// <returns>Whether the output is within what was reserved.</returns>
    public bool Add(ChatResponseUpdate update, ITokenCounter counter, StreamedUsage streamedUsage)
    {
        var contents = update.Contents;
        _metered += OutputMeter.Count(counter, contents);
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is UsageContent usage)
            {
                Report(usage.Details, streamedUsage);
            }
        }

        return _metered <= MaxOutputTokens;
    }

    /// <summary>What to charge for an answer that came to its end.</summary>
    public SpendSettlement Completed(UsageDetails? reported = null) => Settle(reported ?? _usage, isWhole: true, SpendOutcome.Completed);

    /// <summary>What to charge for an answer that did not: what was reported, at least what was seen, and its input in any case.</summary>
    public SpendSettlement Interrupted(SpendOutcome outcome) => Settle(_usage, isWhole: false, outcome);

    /// <summary>What to charge for a request that the provider answered with an error: nothing.</summary>
    public SpendSettlement Refused() => new() { Id = reservation.Id, Cost = price is null ? null : 0m, Outcome = SpendOutcome.Failed };

    private SpendSettlement Settle(UsageDetails? usage, bool isWhole, SpendOutcome outcome)
    {
        // A zero that the provider reports is a zero; what it does not report, or as less than nothing, is counted.
        var input = usage?.InputTokenCount is >= 0 and var read ? read : reservation.InputTokens;
        var output = usage?.OutputTokenCount is >= 0 and var said ? said : _metered;
        output = isWhole ? output : Math.Max(output, _metered);
        var isReported = isWhole && usage is { InputTokenCount: >= 0, OutputTokenCount: >= 0 };
        var used = isReported ? usage! : new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            CachedInputTokenCount = usage?.CachedInputTokenCount,
            ReasoningTokenCount = usage?.ReasoningTokenCount,
            AdditionalCounts = usage?.AdditionalCounts,
        };
        return new SpendSettlement
        {
            Id = reservation.Id,
            InputTokens = input,
            OutputTokens = output,
            CachedInputTokens = used.CachedInputTokenCount ?? 0,
            CacheWriteTokens = UsageCost.CacheWrites(used),
            ReasoningTokens = used.ReasoningTokenCount ?? 0,
            Cost = price is null ? null : UsageCost.Of(used, price),
            IsEstimated = !isReported,
            Outcome = outcome,
        };
    }

    private UsageDetails Counted() => new() { InputTokenCount = reservation.InputTokens, OutputTokenCount = _metered };

    private void Report(UsageDetails details, StreamedUsage streamedUsage)
    {
        if (streamedUsage == StreamedUsage.Sum)
        {
            (_usage ??= new UsageDetails()).Add(details);
            return;
        }

        // The last report of each count; a report that leaves one out says nothing new about it.
        _usage = new UsageDetails
        {
            InputTokenCount = details.InputTokenCount ?? _usage?.InputTokenCount,
            OutputTokenCount = details.OutputTokenCount ?? _usage?.OutputTokenCount,
            CachedInputTokenCount = details.CachedInputTokenCount ?? _usage?.CachedInputTokenCount,
            ReasoningTokenCount = details.ReasoningTokenCount ?? _usage?.ReasoningTokenCount,
            AdditionalCounts = details.AdditionalCounts ?? _usage?.AdditionalCounts,
        };
    }
}
