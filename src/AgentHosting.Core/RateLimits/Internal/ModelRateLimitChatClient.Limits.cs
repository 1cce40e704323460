using AgentHosting.Models;
using Microsoft.Extensions.AI;

namespace AgentHosting.RateLimits.Internal;

internal sealed partial class ModelRateLimitChatClient
{
    /// <returns>What was taken, or <see langword="null"/> for a request that is not counted: its model has no limit, or the limiter does not answer.</returns>
    private async ValueTask<ModelRateLimitCall?> AdmitAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var model = ModelOf(options);
        var settings = InnerClient.GetService<IModelCatalog>()?.Find(model)?.Options;
        long? requests = settings?.RequestsPerMinute ?? _options.RequestsPerMinute;
        long? tokens = settings?.TokensPerMinute ?? _options.TokensPerMinute;
        if (requests is null && tokens is null)
        {
            return null;
        }

        var keys = new ModelRateLimitKeys(model, _options.Key ?? model, requests, tokens);
        var input = tokens is null ? 0 : _counter.CountInput(messages, options);
        var decision = await AcquireAsync(keys, keys.Take(tokens is null ? 0 : input + OutputOf(options, settings, tokens.Value - input)), cancellationToken);
        return decision is null ? null : new ModelRateLimitCall(decision, keys, input, _counter);
    }

    /// <summary>The longest answer, which is what providers count when they admit a request.</summary>
    private long OutputOf(ChatOptions? options, ModelOptions? settings, long room)
    {
        if (options?.MaxOutputTokens is { } asked)
        {
            // Less than nothing is no amount to take: the limiter would not answer, and the request go by it uncounted.
            return Math.Max(0, Math.Min(asked, settings?.MaxOutputTokens ?? asked));
        }

        // Where nobody says how long it may be, a guess must not make a request too large for the whole limit.
        return settings?.MaxOutputTokens ?? Math.Min(_options.DefaultMaxOutputTokens, Math.Max(0, room));
    }

    private async ValueTask<RateLimitDecision?> AcquireAsync(ModelRateLimitKeys keys, RateLimitRequest request, CancellationToken cancellationToken)
    {
        // Who comes while others wait stands behind them.
        if (_options.MaxWait == TimeSpan.Zero || !_lines.IsAnybodyIn(keys.Requests))
        {
            var decision = await AskAsync(keys, request, cancellationToken);
            if (decision is null or { IsAcquired: true })
            {
                return Granted(keys, decision);
            }

            if (!(decision.RetryAfter <= _options.MaxWait))
            {
                throw Refused(keys, decision);
            }
        }

        // Nobody would be let in for whom the whole limit is too small; it is told so at once.
        if (IsTooLarge(request))
        {
            return await LastTryAsync(keys, request, cancellationToken);
        }

        var tokens = keys.TokensOf(request);
        if (!_lines.TryJoin(keys.Requests, _options.QueueLimit, out var line, tokens, _timeProvider.GetTimestamp()))
        {
            throw Behind(line, keys, request, isInLine: false);
        }

        try
        {
            return await WaitAsync(line, keys, request, cancellationToken);
        }
        finally
        {
            _lines.Leave(keys.Requests, line, tokens);
        }
    }

    private async ValueTask<RateLimitDecision?> WaitAsync(WaitingLine line, ModelRateLimitKeys keys, RateLimitRequest request, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        using var limit = new CancellationTokenSource(_options.MaxWait, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await line.Turn.WaitAsync(linked.Token);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Behind(line, keys, request, isInLine: true);
        }

        try
        {
            while (true)
            {
                var givenBack = _lines.GivenBackTo(line);
                var decision = await AskAsync(keys, request, cancellationToken);
                if (decision is null or { IsAcquired: true })
                {
                    _metrics.Waited(keys.Model, _timeProvider.GetElapsedTime(started));
                    return Granted(keys, decision);
                }

                if (!(decision.RetryAfter <= _options.MaxWait - _timeProvider.GetElapsedTime(started)))
                {
                    throw Refused(keys, AfterThoseBehind(line, keys, decision));
                }

                await DelayAsync(decision.RetryAfter.Value, givenBack, cancellationToken);
            }
        }
        finally
        {
            line.Turn.Release();
        }
    }

    /// <summary>Until what was taken is forgotten, or an answer has given back what it did not use.</summary>
    private async Task DelayAsync(TimeSpan time, Task givenBack, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Timers count whole milliseconds, and cut off the rest.
        await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)), _timeProvider, stop.Token), givenBack);
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static bool IsTooLarge(RateLimitRequest request)
    {
        for (var i = 0; i < request.Demands.Count; i++)
        {
            if (request.Demands[i].Permits > request.Demands[i].Limit)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>For what never fits: the limiter says so.</summary>
    private async ValueTask<RateLimitDecision?> LastTryAsync(ModelRateLimitKeys keys, RateLimitRequest request, CancellationToken cancellationToken)
    {
        var decision = await AskAsync(keys, request, cancellationToken);
        return decision is null or { IsAcquired: true } ? Granted(keys, decision) : throw Refused(keys, decision);
    }

    private async ValueTask<RateLimitDecision?> AskAsync(ModelRateLimitKeys keys, RateLimitRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _limiter.AcquireAsync(request, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _metrics.LimiterFailed();
            LogLimiterFailed(exception, keys.Model);
            if (_options.LimiterFailure == RateLimiterFailurePolicy.Allow)
            {
                return null;
            }

            throw new RateLimiterUnavailableException("The rate limit could not be checked, since the limiter does not answer. Nothing was sent.", exception);
        }
    }

    private RateLimitDecision? Granted(ModelRateLimitKeys keys, RateLimitDecision? decision)
    {
        _metrics.Request(keys.Model, decision is null ? "uncounted" : "granted");
        return decision;
    }

    private RateLimitedException Refused(ModelRateLimitKeys keys, RateLimitDecision decision)
    {
        var demand = decision.RefusedBy!;
        var unit = keys.UnitOf(demand);
        _metrics.Request(keys.Model, "refused");
        LogLimited(keys.Model, unit, demand.Limit, demand.Window, demand.Permits, decision.Available);
        return new RateLimitedException(decision.RetryAfter is { } retryAfter
            ? $"Model '{keys.Model}' takes {demand.Limit} {NameOf(unit)} in any minute: {decision.Available} are left, {demand.Permits} needed. Try again in {retryAfter}."
            : $"The request takes {demand.Permits} {NameOf(unit)}, its longest answer included, and model '{keys.Model}' takes {demand.Limit} in a minute. Shorten it, lower MaxOutputTokens, or raise {AgentHostingConfiguration.Section}:Models:{keys.Model}:TokensPerMinute.")
        {
            Scope = RateLimitScope.Model,
            ScopeId = keys.Model,
            Unit = unit,
            Limit = demand.Limit,
            Window = demand.Window,
            Requested = demand.Permits,
            Available = decision.Available,
            RetryAfter = decision.RetryAfter,
        };
    }

    private static string NameOf(RateLimitUnit unit) => unit == RateLimitUnit.Tokens ? "tokens" : "requests";
}
