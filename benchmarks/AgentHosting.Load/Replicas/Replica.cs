using System.Globalization;
using AgentHosting.Failures;
using AgentHosting.RateLimits;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Replicas;

/// <summary>What a replica can be asked to do.</summary>
internal sealed class Replica(IServiceProvider services, IChatClient provider, decimal cap, string admittedPath) : IDisposable
{
    public const string Open = "open";
    public const string Failed = "failed";
    private readonly IAgentRateLimiter _limiter = services.GetRequiredService<IAgentRateLimiter>();
    private readonly IChatClient _budget = provider.AsBuilder().UseTokenBudget(ReplicaSettings.Budget(cap)).Build(services);
    private readonly IChatClient _circuit = provider.AsBuilder().UseCircuitBreaker(ReplicaSettings.Circuit).Build(services);
    private readonly IChatClient _cache = provider.AsBuilder().UseResponseCache(ReplicaSettings.Cache).Build(services);
    private int _calls;

    /// <summary>Many callers at once, each call under a user of its own, by which its row is found.</summary>
    /// <returns>How many calls were answered and how many were refused.</returns>
    public async Task<string> SpendAsync(int callers, int requests, CancellationToken cancellationToken)
    {
        var (answered, refused) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                for (var i = 0; i < requests; i++)
                {
                    try
                    {
                        await SpendAsync(isStreaming: (caller + i) % 2 == 0, cancellationToken);
                        Interlocked.Increment(ref answered);
                    }
                    catch (BudgetExceededException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
            },
            cancellationToken)));
        return string.Create(CultureInfo.InvariantCulture, $"{answered} {refused}");
    }

    /// <summary>Takes from one rate limit as fast as it lets, and writes down from when to when each permit was asked for.</summary>
    /// <returns>How many were admitted and how many were refused.</returns>
    public async Task<string> TakeAsync(int callers, int limit, int windowMilliseconds, int milliseconds, CancellationToken cancellationToken)
    {
        await using var admitted = new FileStream(admittedPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var (taken, refused) = (0, 0);
        var end = TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(milliseconds);
        var request = new RateLimitRequest { Demands = [new RateLimitDemand { Key = "replicas", Limit = limit, Window = TimeSpan.FromMilliseconds(windowMilliseconds) }] };
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                while (TimeProvider.System.GetUtcNow() is var before && before < end)
                {
                    var decision = await _limiter.AcquireAsync(request, cancellationToken);
                    if (decision.RefusedBy is not null)
                    {
                        Interlocked.Increment(ref refused);
                        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
                        continue;
                    }

                    Interlocked.Increment(ref taken);
                    var line = string.Create(CultureInfo.InvariantCulture, $"{before.Ticks} {TimeProvider.System.GetUtcNow().Ticks}\n");
                    lock (admitted)
                    {
                        admitted.Write(System.Text.Encoding.ASCII.GetBytes(line));
                        admitted.Flush();
                    }
                }
            },
            cancellationToken)));
        return string.Create(CultureInfo.InvariantCulture, $"{taken} {refused}");
    }

    /// <param name="through">circuit or cache.</param>
    /// <param name="text">The question.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The answer; <see cref="Open"/> where the circuit refused it, <see cref="Failed"/> where the provider did.</returns>
    public async Task<string> AskAsync(string through, string text, CancellationToken cancellationToken)
    {
        try
        {
            return (await (through == "cache" ? _cache : _circuit).GetResponseAsync(text, cancellationToken: cancellationToken)).Text;
        }
        catch (CircuitOpenException)
        {
            return Open;
        }
        catch (System.ClientModel.ClientResultException exception) when (exception.Status == 503)
        {
            return Failed;
        }
    }

    public void Dispose()
    {
        _budget.Dispose();
        _circuit.Dispose();
        _cache.Dispose();
    }

    private async Task SpendAsync(bool isStreaming, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref _calls)}");
        var options = new ChatOptions { MaxOutputTokens = ReplicaSettings.MaxOutputTokens }.WithAgentContext(new AgentCallContext { TenantId = ReplicaSettings.Tenant, UserId = name });
        var text = ReplicaQuestions.Text(ReplicaQuestions.Spend, name);
        if (!isStreaming)
        {
            await _budget.GetResponseAsync(text, options, cancellationToken);
            return;
        }

        await foreach (var _ in _budget.GetStreamingResponseAsync(text, options, cancellationToken))
        {
        }
    }
}
