using AgentHosting.RateLimits;
using AgentHosting.RateLimits.Internal;
using AgentHosting.Redis.Connections.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.RateLimits.Internal;

/// <summary>The limits that replicas share, by the server's clock. All of them have one hash tag, since a request takes from several in one step.</summary>
internal sealed class RedisRateLimiter(RedisConnection connection) : IAgentRateLimiter
{
    private const int SlicesOfWindow = 60;
    private static readonly RedisScript _acquire = RedisScript.Load("limit-acquire");
    private static readonly RedisScript _correct = RedisScript.Load("limit-correct");
    private readonly string _tag = $"{{{connection.Options.KeyPrefix}:limits}}";

    public async ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        RateLimitRequestCheck.ThrowIfInvalid(request);
        var demands = request.Demands;
        if (demands.Count == 0)
        {
            return new RateLimitDecision { Request = request };
        }

        var keys = new RedisKey[demands.Count];
        var arguments = new RedisValue[1 + (demands.Count * 3)];
        arguments[0] = connection.Now;
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = KeyOf(demands[i]);
            arguments[(i * 3) + 1] = demands[i].Permits;
            arguments[(i * 3) + 2] = demands[i].Limit;
            arguments[(i * 3) + 3] = SliceOf(demands[i]);
        }

        var reply = (RedisResult[])(await connection.EvaluateIfConnectedAsync(_acquire, keys, arguments, cancellationToken))!;
        if ((int)reply[0] == 1)
        {
            return new RateLimitDecision { Request = request, TakenAt = (long)reply[1] * TimeSpan.TicksPerMicrosecond };
        }

        var wait = (long)reply[3];
        return new RateLimitDecision
        {
            Request = request,
            RefusedBy = demands[(int)reply[1]],
            Available = (long)reply[2],
            RetryAfter = wait < 0 ? null : TimeSpan.FromTicks(wait * TimeSpan.TicksPerMicrosecond),
        };
    }

    public async ValueTask<bool> CorrectAsync(RateLimitDecision decision, string key, long actual, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decision);
        ArgumentNullException.ThrowIfNull(key);
        RateLimitRequestCheck.ThrowIfInvalid(decision, actual);
        List<RedisKey> keys = [];
        List<RedisValue> arguments = [connection.Now, decision.TakenAt / TimeSpan.TicksPerMicrosecond];
        foreach (var demand in decision.Request.Demands)
        {
            if (demand.Key == key)
            {
                keys.Add(KeyOf(demand));
                arguments.Add(actual - demand.Permits);
                arguments.Add(SliceOf(demand));
            }
        }

        return keys.Count > 0 && (bool)await connection.EvaluateIfConnectedAsync(_correct, [.. keys], [.. arguments], cancellationToken);
    }

    // What the caller names stands last, where it may hold anything.
    private RedisKey KeyOf(RateLimitDemand demand) => $"{_tag}:{demand.Window.Ticks}:{demand.Key}";

    // In microseconds, rounded up: sixty slices are never shorter than the window.
    private static long SliceOf(RateLimitDemand demand) =>
        (demand.Window.Ticks + (SlicesOfWindow * TimeSpan.TicksPerMicrosecond) - 1) / (SlicesOfWindow * TimeSpan.TicksPerMicrosecond);
}
