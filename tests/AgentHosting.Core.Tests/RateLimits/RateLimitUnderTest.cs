using System.Diagnostics.Metrics;
using AgentHosting.Core.Tests.ResponseCaching;
using AgentHosting.Core.Tests.TokenBudgets;
using AgentHosting.Pricing;
using AgentHosting.RateLimits;
using AgentHosting.RateLimits.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.RateLimits;

/// <summary>A pipeline with a rate limit of its own, in which a token is a character.</summary>
internal sealed class RateLimitUnderTest : IDisposable
{
    private const int Probe = 1_000_000;
    private readonly ServiceProvider _services;

    public RateLimitUnderTest(IChatClient model, Action<ModelRateLimitOptions> configure, IAgentRateLimiter? limiter = null, Func<ChatClientBuilder, ChatClientBuilder>? above = null, ITokenCounter? counter = null)
    {
        Limiter = limiter ?? InMemoryRateLimiter.Create(Clock);
        _services = new ServiceCollection().AddSingleton<TimeProvider>(Clock).AddSingleton(Limiter).AddSingleton(counter ?? new LengthCounter())
            .AddSingleton<IMeterFactory>(Meters).AddLogging().BuildServiceProvider();
        var options = new ModelRateLimitOptions();
        configure(options);
        var builder = model.AsBuilder();
        Client = (above?.Invoke(builder) ?? builder).UseModelRateLimit(options).Build(_services);
    }

    public DelayCountingClock Clock { get; } = new();

    public TestMeterFactory Meters { get; } = new();

    public IAgentRateLimiter Limiter { get; }

    public IChatClient Client { get; }

    public Task<long> UsedTokensAsync() => UsedAsync("model:default:tokens");

    public Task<long> UsedRequestsAsync() => UsedAsync("model:default:requests");

    public void Dispose()
    {
        Client.Dispose();
        _services.Dispose();
    }

    private async Task<long> UsedAsync(string key)
    {
        var decision = await Limiter.AcquireAsync(new RateLimitRequest { Demands = [new RateLimitDemand { Key = key, Limit = Probe, Permits = Probe }] }, TestContext.Current.CancellationToken);
        if (!decision.IsAcquired)
        {
            return Probe - decision.Available;
        }

        await Limiter.CorrectAsync(decision, key, 0, TestContext.Current.CancellationToken);
        return 0;
    }
}
