using System.Globalization;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.SelfTests.Internal;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace AgentHosting.Redis.Health.Internal;

/// <summary>Asks the server for a sign of life. Without it, and before the self-test has passed, the host is not ready; slow answers make it degraded.</summary>
internal sealed class RedisHealthCheck(RedisConnection connection, RedisReadiness readiness, TimeProvider timeProvider) : IHealthCheck
{
    private static readonly TimeSpan _slow = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var findings = readiness.Findings;
        if (!findings.IsVerified)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, findings.Refusal ?? findings.Pending);
        }

        var limit = connection.Options.CommandTimeout < _limit ? connection.Options.CommandTimeout : _limit;
        var started = timeProvider.GetTimestamp();
        try
        {
            await PingAsync(cancellationToken).WaitAsync(limit, timeProvider, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "Redis does not answer.", exception);
        }

        var took = timeProvider.GetElapsedTime(started);
        var description = string.Create(CultureInfo.InvariantCulture, $"Redis answered within {took.TotalMilliseconds:0.0} ms.");
        return took > _slow ? HealthCheckResult.Degraded(description) : HealthCheckResult.Healthy(description);
    }

    private async Task PingAsync(CancellationToken cancellationToken) => await (await connection.GetAsync(cancellationToken)).GetDatabase().PingAsync();
}
