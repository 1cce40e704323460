using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentHosting.RateLimits.Internal;

/// <summary>The limits of the host on submissions: of their user and of all, in one step.</summary>
internal sealed partial class RunRateLimits(
    IAgentRateLimiter limiter, IOptions<RateLimitOptions> options, ILogger<RunRateLimits>? logger = null, IMeterFactory? meterFactory = null)
{
    private const string GlobalKey = "runs";
    private readonly RateLimitOptions _options = options.Value;
    private readonly ILogger _logger = logger ?? NullLogger<RunRateLimits>.Instance;
    private readonly RateLimitMetrics _metrics = new(meterFactory);

    public bool AreSet => _options is not { UserRequestsPerMinute: null, GlobalRequestsPerMinute: null };

    /// <returns>What was taken, to give it back if the run is not accepted; <see langword="null"/> when nothing was.</returns>
    /// <exception cref="RateLimitedException">It does not fit. Nothing was taken.</exception>
    public async ValueTask<RateLimitDecision?> AdmitAsync(AgentIdentity identity, CancellationToken cancellationToken)
    {
        var userKey = UserKey(identity);
        RateLimitDecision decision;
        try
        {
            decision = await limiter.AcquireAsync(RequestOf(userKey), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(exception);
            _metrics.Run(_options.LimiterFailure == RateLimiterFailurePolicy.Allow ? "uncounted" : "refused");
            return _options.LimiterFailure == RateLimiterFailurePolicy.Allow
                ? null
                : throw new RateLimiterUnavailableException("The rate limit could not be checked, since the limiter does not answer. Nothing was accepted.", exception);
        }

        _metrics.Run(decision.IsAcquired ? "granted" : "refused");
        return decision.IsAcquired ? decision : throw Refused(decision, decision.RefusedBy!.Key == userKey ? identity.UserId : null);
    }

    /// <summary>For a run that was not accepted, or had been before.</summary>
    public async ValueTask GiveBackAsync(RateLimitDecision decision)
    {
        try
        {
            foreach (var demand in decision.Request.Demands)
            {
                await limiter.CorrectAsync(decision, demand.Key, 0, CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            // It stays counted until it is forgotten, which lets in one less than the limit.
            Failed(exception);
        }
    }

    private RateLimitRequest RequestOf(string userKey)
    {
        var demands = new List<RateLimitDemand>(2);
        if (_options.UserRequestsPerMinute is { } user)
        {
            demands.Add(new RateLimitDemand { Key = userKey, Limit = user });
        }

        if (_options.GlobalRequestsPerMinute is { } global)
        {
            demands.Add(new RateLimitDemand { Key = GlobalKey, Limit = global });
        }

        return new RateLimitRequest { Demands = demands };
    }

    // Users of one name in two tenants are two; the length keeps their names from running into each other.
    private static string UserKey(AgentIdentity identity) => $"runs:{identity.TenantId?.Length ?? -1}:{identity.TenantId}:{identity.UserId}";

    private RateLimitedException Refused(RateLimitDecision decision, string? user)
    {
        var demand = decision.RefusedBy!;
        var scope = user is null ? RateLimitScope.Global : RateLimitScope.User;
        LogLimited(scope, demand.Limit, demand.Window);
        return new RateLimitedException(user is null
            ? $"This host accepts {demand.Limit} requests in any minute. Try again in {decision.RetryAfter}."
            : $"This host accepts {demand.Limit} requests of a user in any minute. Try again in {decision.RetryAfter}.")
        {
            Scope = scope,
            ScopeId = user ?? "",
            Unit = RateLimitUnit.Requests,
            Limit = demand.Limit,
            Window = demand.Window,
            Requested = demand.Permits,
            Available = decision.Available,
            RetryAfter = decision.RetryAfter,
        };
    }

    private void Failed(Exception exception)
    {
        _metrics.LimiterFailed();
        LogLimiterFailed(exception);
    }

    [LoggerMessage(EventIds.RunRateLimited, LogLevel.Warning, "The {Scope} limit of {Limit} requests in {Window} refused a run.", EventName = "RunRateLimited")]
    private partial void LogLimited(RateLimitScope scope, long limit, TimeSpan window);

    [LoggerMessage(EventIds.RunRateLimiterFailed, LogLevel.Error, "The rate limiter failed on the submission of a run.", EventName = "RunRateLimiterFailed")]
    private partial void LogLimiterFailed(Exception exception);
}
