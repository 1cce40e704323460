namespace AgentHosting.RateLimits.Internal;

/// <summary>Who may not pass those that wait: one for whom the line is full, and one whose time ended before its turn.</summary>
internal sealed partial class ModelRateLimitChatClient
{
    /// <summary>Its demand is not tried: what fits now is for whoever came before.</summary>
    private RateLimitedException Behind(WaitingLine line, ModelRateLimitKeys keys, RateLimitRequest request, bool isInLine)
    {
        var demand = request.Demands[0];
        var retryAfter = TimeToBeAdmitted(line, keys, request, isInLine);
        var why = isInLine
            ? $"It waited for {_options.MaxWait}, and others came before it."
            : $"{_options.QueueLimit} requests wait already, as many as {nameof(ModelRateLimitOptions.QueueLimit)} allows.";
        _metrics.Request(keys.Model, "refused");
        LogLimited(keys.Model, keys.UnitOf(demand), demand.Limit, demand.Window, demand.Permits, 0);
        return new RateLimitedException(
            $"Model '{keys.Model}' takes {demand.Limit} {NameOf(keys.UnitOf(demand))} in any minute, and the request cannot wait for it. {why} Try again in {retryAfter}.")
        {
            Scope = RateLimitScope.Model,
            ScopeId = keys.Model,
            Unit = keys.UnitOf(demand),
            Limit = demand.Limit,
            Window = demand.Window,
            Requested = demand.Permits,
            Available = 0,
            RetryAfter = retryAfter,
        };
    }

    /// <summary>Of one that leaves the head of the line: what it would have had is for those behind it, who have the time to wait.</summary>
    private RateLimitDecision AfterThoseBehind(WaitingLine line, ModelRateLimitKeys keys, RateLimitDecision decision)
    {
        if (decision.RetryAfter is not { } own || _lines.Read(line).Count == 1 || TimeToBeAdmitted(line, keys, decision.Request, isInLine: true) is var all && all <= own)
        {
            return decision;
        }

        return new RateLimitDecision { Request = decision.Request, RefusedBy = decision.RefusedBy, Available = decision.Available, RetryAfter = all };
    }

    /// <summary>
    /// After this time those that wait have gone, and it is admitted if nobody else comes. Either they are gone at the latest when the last of them gives up, and what
    /// they took is forgotten a window later; or, where that is sooner, each window has let in as many as the limit is.
    /// </summary>
    private TimeSpan TimeToBeAdmitted(WaitingLine line, ModelRateLimitKeys keys, RateLimitRequest request, bool isInLine)
    {
        var (count, permits, cameAt) = _lines.Read(line);
        var (windows, window) = (0L, TimeSpan.Zero);
        foreach (var demand in request.Demands)
        {
            var isRequests = keys.UnitOf(demand) == RateLimitUnit.Requests;
            var all = isRequests ? count + (isInLine ? 0 : 1) : permits + (isInLine ? 0 : demand.Permits);
            var full = (all + demand.Limit - 1) / demand.Limit;
            // Tokens come in pieces of any size, so that only two windows that follow each other are sure to let in a whole limit.
            windows += isRequests ? full : (2 * full) - 1;
            window = RateLimitCounter.TimeToForget(demand.Window);
        }

        var gone = _options.MaxWait - _timeProvider.GetElapsedTime(cameAt);
        var byTime = (gone > TimeSpan.Zero ? gone : TimeSpan.Zero) + window;
        return windows * (double)window.Ticks < byTime.Ticks ? windows * window : byTime;
    }
}
