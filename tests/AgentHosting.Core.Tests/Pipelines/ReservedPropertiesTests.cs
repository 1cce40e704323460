using AgentHosting.CircuitBreakers;
using AgentHosting.Core.Tests.Fallbacks;
using AgentHosting.Fallbacks;
using AgentHosting.ModelRouting;
using AgentHosting.ResponseCaching;
using AgentHosting.Retries;
using AgentHosting.Testing;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pipelines;

/// <summary>What stages tell each other in the options is no provider's business, whichever of them is the innermost.</summary>
public sealed class ReservedPropertiesTests
{
    private static readonly Dictionary<string, Func<ChatClientBuilder, ChatClientBuilder>> Pipelines = new()
    {
        ["defaults"] = static builder => builder.UseProductionDefaults(),
        ["retry"] = static builder => builder.UseRetry(new RetryOptions()),
        ["timeout"] = static builder => builder.UseTimeout(new TimeoutOptions()),
        ["no timeout"] = static builder => builder.UseTimeout(new TimeoutOptions { Total = null, FirstToken = null, Idle = null }),
        ["circuit breaker"] = static builder => builder.UseCircuitBreaker(new CircuitBreakerOptions()),
        ["fallback"] = static builder => builder.UseFallback(new FallbackOptions { Models = { "b" } }),
        ["hedging"] = static builder => builder.UseFallback(new FallbackOptions { Models = { "b" }, HedgeAfter = TimeSpan.FromMinutes(1) }),
        ["router"] = static builder => builder.UseModelRouter(new ModelRouterOptions { Candidates = { new() { Model = "a" } } }),
        ["latency"] = static builder => builder.UseModelRouter(new ModelRouterOptions { Policy = ModelRoutePolicies.Latency, Candidates = { new() { Model = "a" } } }),
        ["cache"] = static builder => builder.UseResponseCache(new ResponseCacheOptions()),
    };

    public static TheoryData<string, bool> Cases => new(Pipelines.Keys.SelectMany(name => new[] { (name, true), (name, false) }));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Call_OnABareBuilder_ProviderSeesTheCallersPropertiesOnly(string pipeline, bool streaming)
    {
        using var provider = new ScriptedChatClient(_ => ScriptedTurn.Text("hello"));
        using var client = Pipelines[pipeline](provider.AsBuilder()).Build();
        var reserved = new ChatOptions().WithAgentContext(new AgentCallContext { TenantId = "t" }).WithResponseCache(ResponseCacheMode.Refresh);
        var mixed = reserved.Clone();
        mixed.AdditionalProperties!["seed"] = 7;

        await client.CallAsync(streaming, reserved);
        await client.CallAsync(streaming, mixed);

        Assert.Null(provider.Requests[0].Options?.AdditionalProperties);
        Assert.Equal("seed", Assert.Single(provider.Requests[1].Options!.AdditionalProperties!).Key);
        Assert.Equal(2, reserved.AdditionalProperties!.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_InAHost_NeitherModelsNorOwnClientsOfAFallbackSeeThem(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), ScriptedTurn.Fail(503), ScriptedTurn.Fail(503));
        using var other = new ScriptedChatClient(_ => ScriptedTurn.Text("from the other"));
        using var client = models.Build(options => options.Clients.Add(other));
        var options = new ChatOptions().WithAgentContext(new AgentCallContext()).WithResponseCache(ResponseCacheMode.Bypass);

        Assert.Equal("from the other", (await client.CallAsync(streaming, options)).Text);

        Assert.Null(models.A.Requests[0].Options!.AdditionalProperties);
        Assert.Null(models.B.Requests[0].Options!.AdditionalProperties);
        Assert.Null(other.Requests[0].Options!.AdditionalProperties);
    }

    [Fact]
    public async Task Call_OwnClientWithACacheOfItsOwn_StagesOfTheClientSeeThem()
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503));
        using var other = new ScriptedChatClient(_ => ScriptedTurn.Text("from the other"));
        using var cached = other.AsBuilder().UseResponseCache(new ResponseCacheOptions()).Build();
        var own = new FallbackOptions { Clients = { cached } };
        using var bare = models.A.AsBuilder().UseFallback(own).Build();

        foreach (var tenant in new[] { "t", "t", "u" })
        {
            await bare.CallAsync(streaming: false, new ChatOptions().WithAgentContext(new AgentCallContext { TenantId = tenant }));
        }

        Assert.Equal(2, other.CallCount);
    }

    [Fact]
    public void WithoutReserved_NoneAmongThem_IsTheSameInstance()
    {
        var options = new ChatOptions { AdditionalProperties = new() { ["seed"] = 7 } };

        Assert.Same(options, ReservedProperties.RemovedFrom(options));
        Assert.Null(ReservedProperties.RemovedFrom(null));
    }
}
