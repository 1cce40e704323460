using AgentHosting.CircuitBreakers;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.CircuitBreakers.Internal;

/// <summary>The circuits that replicas share, by the server's clock: one hash each, forgotten when it was not used for an hour.</summary>
internal sealed class RedisCircuitBreakerStore(RedisConnection connection) : ICircuitBreakerStore
{
    private static readonly RedisScript _acquire = RedisScript.Load("circuit-acquire");
    private static readonly RedisScript _report = RedisScript.Load("circuit-report");
    private static readonly RedisScript _read = RedisScript.Load("circuit-read");

    public async ValueTask<CircuitDecision> TryAcquireAsync(string key, CircuitSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(settings);
        var reply = await EvaluateAsync(_acquire, key, [connection.Now, Microseconds(settings.ProbeLease), Idle(settings)], cancellationToken);
        return reply[0] == 1
            ? new CircuitDecision { IsAllowed = true, Permit = new CircuitPermit { Key = key, Generation = reply[1], IsProbe = reply[2] == 1 } }
            : new CircuitDecision { RetryAfter = RedisTime.ToSpan(reply[1]) };
    }

    public async ValueTask<CircuitReportResult> ReportAsync(
        CircuitPermit permit, CircuitSettings settings, CircuitOutcome outcome, TimeSpan pauseFor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        RedisValue[] arguments =
        [
            connection.Now,
            permit.Generation,
            permit.IsProbe ? 1 : 0,
            (int)outcome,
            pauseFor > TimeSpan.Zero ? Microseconds(pauseFor) : 0,
            settings.FailureRatio,
            settings.MinimumCalls,
            Microseconds(settings.Window),
            Microseconds(settings.OpenDuration),
            Microseconds(settings.MaxOpenDuration),
            settings.SuccessesToClose,
            Idle(settings),
        ];
        var reply = await EvaluateAsync(_report, permit.Key, arguments, cancellationToken);
        return new CircuitReportResult { Transition = (CircuitTransition)reply[0], OpenFor = RedisTime.ToSpan(reply[1]) };
    }

    public async ValueTask<CircuitStatus> GetAsync(string key, CircuitSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(settings);
        var reply = await EvaluateAsync(_read, key, [connection.Now, Microseconds(settings.Window)], cancellationToken);
        return new CircuitStatus
        {
            State = (CircuitState)reply[0],
            RetryAfter = RedisTime.ToSpan(reply[1]),
            Successes = (int)reply[2],
            Failures = (int)reply[3],
            ProbeInFlight = reply[4] == 1,
        };
    }

    private async Task<long[]> EvaluateAsync(RedisScript script, string key, RedisValue[] arguments, CancellationToken cancellationToken) =>
        (long[])(await connection.EvaluateIfConnectedAsync(script, [$"{connection.Options.KeyPrefix}:circuit:{key}"], arguments, cancellationToken))!;

    private static long Idle(CircuitSettings settings) =>
        Microseconds(TimeSpan.FromHours(1)) + Microseconds(settings.Window) + Microseconds(settings.MaxOpenDuration) + Microseconds(settings.ProbeLease);

    // Rounded up, so that what is above zero stays so.
    private static long Microseconds(TimeSpan span) => Math.Min(RedisTime.Never, (long)Math.Ceiling(span.TotalMicroseconds));
}
