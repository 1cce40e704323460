using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.AI;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>One request that is reserved, and what is known of its use so far.</summary>
/// <param name="reservation">What is reserved.</param>
/// <param name="price">The price of the model.</param>
/// <param name="options">What is sent.</param>
/// <param name="counter">Counts the output.</param>
/// <param name="tolerance">How many times the output that there is the counter may count before it is surely more than was reserved.</param>
/// <param name="begun">What was charged of the answer before, by estimate, where the call reads one on that the provider works out in the background.</param>
internal sealed class TokenBudgetCall(SpendReservation reservation, ModelPrice? price, ChatOptions options, ITokenCounter counter, double tolerance, (long Input, long Output) begun = default)
{
    private OutputMeter? _meter;
    private UsageDetails? _usage;
    private long _inputHandedOn;
    private long _outputHandedOn;

    public SpendReservation Reservation => reservation;

    public ChatOptions Options => options;

    public string Model => reservation.Account.Model!;

    public long MaxOutputTokens => reservation.MaxOutputTokens;

    /// <summary>
    /// The output so far, counted. Up to the tolerance, what is counted beyond the reservation is the counter's error: the provider was told to stop there.
    /// </summary>
    public long MeteredTokens => _meter?.Tokens is { } counted ? Math.Min(counted, Math.Max(MaxOutputTokens, (long)(counted / tolerance))) : 0;

    /// <summary>What input and output have cost so far.</summary>
    public decimal? SeenCost => price is null ? null : UsageCost.Of(Counted(), price);

    /// <summary>Whether the provider has produced or reported something.</summary>
    public bool HasBegun => _usage is not null || MeteredTokens > 0;

    /// <summary>Notes an update of a stream.</summary>
    /// <returns>Whether the output is within what was reserved, so that the update is handed on.</returns>
    public bool Add(ChatResponseUpdate update)
    {
        var contents = update.Contents;
        (_meter ??= new OutputMeter(counter)).Add(contents);
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is UsageContent usage)
            {
                (_usage ??= new UsageDetails()).Add(usage.Details);
            }
        }

        if (MeteredTokens > MaxOutputTokens)
        {
            return false;
        }

        (_inputHandedOn, _outputHandedOn) = (_usage?.InputTokenCount ?? 0, _usage?.OutputTokenCount ?? 0);
        return true;
    }

    /// <summary>What to charge for an answer that came to its end.</summary>
    public SpendSettlement Completed(UsageDetails? reported = null) => Settle(reported ?? _usage, isWhole: true, SpendOutcome.Completed);

    /// <summary>What to charge for an answer that did not: what was reported, at least what was seen, and its input in any case.</summary>
    public SpendSettlement Interrupted(SpendOutcome outcome, UsageDetails? reported = null) => Settle(_usage ??= reported, isWhole: false, outcome);

    /// <summary>What to charge for a request that the provider answered with an error: nothing.</summary>
    public SpendSettlement Refused() => new() { Id = reservation.Id, Cost = price is null ? null : 0m, Outcome = SpendOutcome.Failed };

    /// <summary>What of a settlement the reader was not told: the provider has not reported it, or in the piece that is not handed on.</summary>
    public UsageDetails Unreported(SpendSettlement settlement)
    {
        var input = Math.Max(0, settlement.InputTokens - Math.Max(0, _inputHandedOn));
        var output = Math.Max(0, settlement.OutputTokens - Math.Max(0, _outputHandedOn));
        return new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };
    }

    /// <summary>What of the answer is charged by estimate after a call that did not bring its end. What the provider has reported adds up by itself.</summary>
    public (long Input, long Output) BegunAfter(SpendSettlement settlement) => (
        begun.Input + (_usage?.InputTokenCount is >= 0 ? 0 : settlement.InputTokens),
        begun.Output + (_usage?.OutputTokenCount is >= 0 ? 0 : settlement.OutputTokens));

    private SpendSettlement Settle(UsageDetails? usage, bool isWhole, SpendOutcome outcome)
    {
        // A zero that the provider reports is a zero; what it does not report, or as less than nothing, is counted.
        var reading = usage is null ? default : UsageReading.Of(usage);
        var input = reading.Input ?? Math.Max(reservation.InputTokens, reading.Cached + reading.Written);
        var output = usage?.OutputTokenCount is >= 0 and var said ? said : MeteredTokens;
        output = isWhole ? output : Math.Max(output, MeteredTokens);
        var isReported = isWhole && usage is { InputTokenCount: >= 0, OutputTokenCount: >= 0 };
        var used = isReported && !reading.IsBeside ? usage! : new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            CachedInputTokenCount = reading.Cached,
            ReasoningTokenCount = usage?.ReasoningTokenCount,
            AdditionalCounts = usage?.AdditionalCounts,
        };
        // The end of an answer in the background reports the usage of the whole; what an earlier call has charged of it is charged.
        var before = begun == default
            ? null
            : new UsageDetails { InputTokenCount = reading.Input is null ? 0 : begun.Input, OutputTokenCount = usage?.OutputTokenCount is >= 0 ? begun.Output : 0 };
        input = Math.Max(0, input - (before?.InputTokenCount ?? 0));
        output = Math.Max(0, output - (before?.OutputTokenCount ?? 0));
        return new SpendSettlement
        {
            Id = reservation.Id,
            InputTokens = input,
            OutputTokens = output,
            CachedInputTokens = before is null ? reading.Cached : Math.Min(reading.Cached, input),
            CacheWriteTokens = before is null ? reading.Written : Math.Min(reading.Written, input),
            ReasoningTokens = before is null ? used.ReasoningTokenCount ?? 0 : Math.Min(used.ReasoningTokenCount ?? 0, output),
            Cost = price is null ? null : before is null ? UsageCost.Of(used, price) : Math.Max(0, UsageCost.Of(used, price) - UsageCost.Of(before, price)),
            IsEstimated = !isReported,
            Outcome = outcome,
        };
    }

    private UsageDetails Counted() => new() { InputTokenCount = reservation.InputTokens, OutputTokenCount = MeteredTokens };
}
