using AgentHosting.Alerts.Internal;
using AgentHosting.Failures;
using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.TokenBudgets.Internal;

internal sealed partial class TokenBudgetChatClient
{
    private async ValueTask<TokenBudgetCall> ReserveAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var model = ModelOf(options);
        var definition = _catalog?.Find(model);
        var price = definition?.Price ?? _options.PriceOf?.Invoke(model);
        if (price is null && _options.UnknownPrice == UnknownPricePolicy.Reject && Array.Exists(_limits, static limit => limit.MaxCostNanos is not null))
        {
            _metrics.Refused(model);
            throw new AgentRequestRejectedException(
                $"Money is capped and the price of model '{model}' is unknown. Set InputPrice and OutputPrice of the model, or TokenBudgetOptions.UnknownPrice to Allow.");
        }

        if (options?.MaxOutputTokens is < 0 and var negative)
        {
            _metrics.Refused(model);
            throw new AgentRequestRejectedException(
                $"MaxOutputTokens is {negative}, which is no bound to reserve for. Use 0 or more, or leave it out for that of the model or TokenBudgetOptions.DefaultMaxOutputTokens.");
        }

        // The input of an answer that was begun is charged with its begin.
        var isContinued = BackgroundAnswer.IsContinued(options);
        var spend = isContinued || BackgroundAnswer.MayBegin(options) ? options.GetAgentContext()?.Spend : null;
        if (!isContinued && _options.WrapUpAt is { } wrapUpAt)
        {
            options = await WrapUpAsync(options, model, wrapUpAt, cancellationToken);
        }

        var input = isContinued ? 0 : _counter.CountInput(messages, options);
        input += isContinued ? 0 : KeptInput.Count(messages, options, input, definition?.Options, _options);
        long output = options?.MaxOutputTokens ?? definition?.Options.MaxOutputTokens ?? _options.DefaultMaxOutputTokens;
        if (definition?.Options.MaxOutputTokens is { } most)
        {
            output = Math.Min(output, most);
        }

        var worst = price is null ? default(decimal?) : UsageCost.WorstCase(input, output, price);
        if (price is not null && worst > TokenBudgetLimits.MaxCost)
        {
            // More than any cap: an answer of that length could not be set aside, nor written down.
            output = CoveredBy(TokenBudgetLimits.MaxCost, price, input, output);
            worst = UsageCost.WorstCase(input, output, price);
            if (output == 0)
            {
                _metrics.Refused(model);
                throw new AgentRequestRejectedException(
                    $"The input alone costs more than {TokenBudgetLimits.MaxCost}, which is all that is counted. Check the price of model '{model}': it is for a million tokens.");
            }
        }

        var least = Math.Min(output, _options.MinOutputTokens);
        var isShortened = false;
        while (true)
        {
            var reservation = Reservation(model, price, input, output, worst, options.GetAgentContext(), isFinal: output <= least);
            SpendReservationResult result;
            try
            {
                result = await _ledger.ReserveAsync(reservation, cancellationToken);
            }
            catch (Exception exception) when (exception is not AgentRequestRejectedException && !cancellationToken.IsCancellationRequested)
            {
                result = Unchecked(reservation, exception);
            }

            Tell(result.Crossings, result.Anomalies);
            if (result.Refusal is not { } refusal)
            {
                _metrics.Granted(model, isShortened);
                // Where the limits cover no more, not even the counter's doubt.
                var begun = isContinued ? spend?.Begun ?? default : default;
                if (!isContinued)
                {
                    spend?.Begun = (input, 0);
                }

                return new TokenBudgetCall(reservation, price, With(options, output), _counter, isShortened ? 1 : _counter.OutputTolerance, begun);
            }

            if (output <= least)
            {
                throw Exceeded(model, refusal);
            }

            // Others may spend between two tries, so each asks for less than the one before; the last for the least.
            output = Math.Max(least, Math.Min(Covered(refusal, price, input, output), output - 1));
            worst = price is null ? null : UsageCost.WorstCase(input, output, price);
            isShortened = true;
        }
    }

    private SpendReservation Reservation(
        string model, ModelPrice? price, long input, long output, decimal? worst, AgentCallContext? context, bool isFinal)
    {
        var step = context is { RunId: { } run, StepKey: { } key } ? $"{run}/{key}" : null;
        return new SpendReservation
        {
            Id = HoldIds.Next(context),
            Step = step,
            Attempt = context?.Attempt ?? 0,
            Account = _accounts.Of(context, model),
            Limits = _limits,
            AnomalyRules = _anomalyRules,
            InputTokens = input,
            MaxOutputTokens = output,
            // What a later attempt of its step would charge.
            InputCost = price is null || step is null ? null : UsageCost.WorstCase(input, 0, price),
            MaxCost = worst,
            Lease = _options.HoldLease,
            IsFinal = isFinal,
        };
    }

    /// <summary>What becomes of a request whose ledger does not answer.</summary>
    private SpendReservationResult Unchecked(SpendReservation reservation, Exception exception)
    {
        _metrics.StoreFailed();
        LogLedgerFailed(exception, reservation.Id);
        // A cap that cannot be checked does not hold.
        return _limits.Length == 0
            ? new SpendReservationResult()
            : throw new AgentRequestRejectedException("The budget could not be checked, since the ledger does not answer. Nothing was sent.", exception);
    }

    private async ValueTask RenewAsync(TokenBudgetCall call)
    {
        try
        {
            await _ledger.RenewAsync(call.Reservation.Id, call.MeteredTokens, call.SeenCost, _options.HoldLease, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _metrics.StoreFailed();
            LogLedgerFailed(exception, call.Reservation.Id);
        }
    }

    /// <summary>Charges a call that has not brought the end of its answer, which may be read on.</summary>
    private static SpendSettlement Unfinished(TokenBudgetCall call, SpendSettlement settlement)
    {
        if (BackgroundAnswer.IsContinued(call.Options) || BackgroundAnswer.MayBegin(call.Options))
        {
            call.Options.GetAgentContext()?.Spend?.Begun = call.BegunAfter(settlement);
        }

        return settlement;
    }

    private async ValueTask SettleAsync(TokenBudgetCall call, SpendSettlement settlement)
    {
        try
        {
            // Not the caller's token: what a cancelled call has cost is charged too.
            var result = await _ledger.SettleAsync(settlement, CancellationToken.None);
            Tell(result.Crossings, result.Anomalies);
            if (!result.IsSettled)
            {
                // It was settled before, or so late that the ledger no longer knows the estimate in its place: what is in the books is that.
                return;
            }

            _metrics.Settled(call.Model, settlement);
            if (settlement.Cost is { } cost)
            {
                call.Options.GetAgentContext()?.Spend?.Add(cost);
            }
        }
        catch (Exception exception)
        {
            // The answer is there and paid for. What was reserved is charged in full when its lease ends.
            _metrics.StoreFailed();
            LogLedgerFailed(exception, settlement.Id);
        }
    }

    private void Tell(IReadOnlyList<SpendCrossing> crossings, IReadOnlyList<SpendAnomaly> anomalies)
    {
        if (crossings.Count == 0 && anomalies.Count == 0)
        {
            return;
        }

        foreach (var alert in SpendAlertFactory.Of(crossings, anomalies))
        {
            _alerts.Raise(alert);
            _ownAlerts?.Queue.Add(alert);
        }
    }

    /// <summary>An error that a provider answers with costs nothing; a request that was cut off may have been worked on.</summary>
    private SpendSettlement Failed(TokenBudgetCall call, Exception exception, CancellationToken cancellationToken)
    {
        var failure = ChatFailureClassifier.Classify(exception, _timeProvider, cancellationToken);
        return failure.Kind == ChatFailureKind.Cancelled ? call.Interrupted(SpendOutcome.Cancelled)
            : !call.HasBegun && (failure.StatusCode is not null || failure.Kind == ChatFailureKind.Rejected) ? call.Refused()
            : call.Interrupted(SpendOutcome.Failed);
    }

    /// <summary>How much output the limit that refused still covers.</summary>
    private static long Covered(SpendRefusal refusal, ModelPrice? price, long input, long output)
    {
        var left = Math.Max(0, refusal.Cap - refusal.Used);
        switch (refusal.Unit)
        {
            case SpendUnit.Tokens:
                return left - input;
            case SpendUnit.Cost when price is not null:
                return CoveredBy(SpendMoney.FromNanos(left), price, input, output);
            default:
                return 0;
        }
    }

    private static long CoveredBy(decimal money, ModelPrice price, long input, long output)
    {
        var ofInput = UsageCost.WorstCase(input, 0, price);
        if (ofInput >= money)
        {
            return 0;
        }

        var perToken = (UsageCost.WorstCase(input, output, price) - ofInput) / output;
        return perToken == 0 ? output : (long)((money - ofInput) / perToken);
    }

    private static ChatOptions With(ChatOptions? options, long maxOutputTokens)
    {
        if (options is not null && options.MaxOutputTokens == maxOutputTokens)
        {
            return options;
        }

        var copy = options?.Clone() ?? new ChatOptions();
        copy.MaxOutputTokens = (int)maxOutputTokens;
        return copy;
    }

    private BudgetExceededException Exceeded(string model, SpendRefusal refusal)
    {
        _metrics.Refused(model);
        var (limit, left) = (InUnit(refusal.Cap), InUnit(Math.Max(0, refusal.Cap - refusal.Used)));
        var whose = refusal.ScopeId.Length == 0 ? refusal.Limit.Scope.ToString() : $"{refusal.Limit.Scope} '{refusal.ScopeId}'";
        var resets = refusal.ResetsAt is { } at ? $"It resets at {at:u}." : "It does not reset.";
        LogExceeded(refusal.Limit.Scope, refusal.Limit.Window.Name, refusal.Unit, limit, left);
        return new BudgetExceededException(
            $"The budget of {whose} ({refusal.Limit.Window}) does not cover the request: {left} of {limit} {NameOf(refusal.Unit)} left, {InUnit(refusal.Requested)} needed. {resets}")
        {
            Scope = refusal.Limit.Scope,
            ScopeId = refusal.ScopeId,
            Unit = refusal.Unit,
            Limit = limit,
            Remaining = left,
            ResetsAt = refusal.ResetsAt,
            RetryAfter = refusal.ResetsAt - _timeProvider.GetUtcNow(),
        };

        decimal InUnit(long amount) => refusal.Unit == SpendUnit.Cost ? SpendMoney.FromNanos(amount) : amount;
    }

    private static string NameOf(SpendUnit unit) => unit switch
    {
        SpendUnit.Cost => "of the currency",
        SpendUnit.Tokens => "tokens",
        _ => "calls",
    };
}
