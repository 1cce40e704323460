using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using AgentHosting.Pipelines;
using AgentHosting.Retries;
using AgentHosting.Testing;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Pipelines;

/// <summary>The clients of a fallback stand beside the pipeline's own model: the stages below the fallback serve them as well.</summary>
public sealed class OwnClientStagesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_OwnClientHangs_IsCutAtTheTimeLimit(bool streaming)
    {
        var clock = new FakeTimeProvider();
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(401)) { TimeProvider = clock };
        using var other = new ScriptedChatClient(_ => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken)) { TimeProvider = clock, ProviderName = "other", ModelId = "own" };
        var fallback = new FallbackOptions { Clients = { other } };
        using var client = Build(model, clock, options =>
        {
            options.Fallback = fallback;
            options.Retry!.MaxRetries = 0;
            options.Timeout = new TimeoutOptions { Total = TimeSpan.FromMilliseconds(200) };
        });

        var call = client.CallAsync(streaming);
        await other.WaitForRequestsAsync(1, Token);
        clock.Advance(TimeSpan.FromMilliseconds(200));

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => call.WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(("other/own", ChatFailureKind.TimedOut), (exception.Attempts[1].Model, exception.Attempts[1].Failure.Kind));
        Assert.Same(other, Assert.Single(fallback.Clients));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_OwnClientFails_IsRetriedAndItsCircuitOpensUnderItsName(bool streaming)
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(401)) { ModelId = "same" };
        using var other = new ScriptedChatClient(_ => ScriptedTurn.Fail(503)) { ProviderName = "other", ModelId = "same" };
        using var client = Build(model, TimeProvider.System, options =>
        {
            options.Fallback = new FallbackOptions { Clients = { other } };
            options.Retry = new RetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(1) };
            options.CircuitBreaker = new CircuitBreakerOptions { MinimumCalls = 2, Key = "of the model" };
        });

        await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));
        Assert.Equal((1, 2), (model.CallCount, other.CallCount));
        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));

        Assert.Equal((2, 2), (model.CallCount, other.CallCount));
        Assert.Equal("other/same", Assert.IsType<CircuitOpenException>(exception.Attempts[1].Failure.Exception).Model);
    }

    [Fact]
    public async Task Call_OwnClientWithStagesOfItsOwn_KeepsThoseAndGetsNoOthers()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(401));
        using var other = new ScriptedChatClient(_ => ScriptedTurn.Fail(503));
        using var staged = other.AsBuilder().UseRetry(new RetryOptions { MaxRetries = 0 }).Build();
        using var client = Build(model, TimeProvider.System, options => options.Fallback = new FallbackOptions { Clients = { staged } });

        await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming: false));

        Assert.Equal(1, other.CallCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_OwnClientsWithoutANameInTwoPipelines_DoNotShareACircuit(bool streaming)
    {
        var store = new InMemoryCircuitBreakerStore(TimeProvider.System);
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(401));
        using var sick = new StubChatClient(_ => throw new ProviderException(503), _ => throw new ProviderException(503));
        using var well = new StubChatClient(
            _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "well"))),
            _ => new ChatResponse(new ChatMessage(ChatRole.Assistant, "well")) { FinishReason = ChatFinishReason.Stop }.ToChatResponseUpdates().ToAsyncEnumerable());
        using var first = Build(sick);
        using var second = Build(well);
        using var third = Build(sick);

        await Assert.ThrowsAsync<AllModelsFailedException>(() => first.CallAsync(streaming));
        Assert.Equal("well", (await second.CallAsync(streaming)).Text);
        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => third.CallAsync(streaming));

        // The circuit is that of the client, in whichever pipeline it stands.
        Assert.StartsWith("client 1 ", Assert.IsType<CircuitOpenException>(exception.Attempts[1].Failure.Exception).Model, StringComparison.Ordinal);
        Assert.Equal(("client 1", 1), (exception.Attempts[1].Model, sick.Calls));

        IChatClient Build(IChatClient own) => model.AsBuilder().UseProductionDefaults(options =>
        {
            options.Fallback = new FallbackOptions { Clients = { own } };
            options.Retry = null;
            options.CircuitBreaker = new CircuitBreakerOptions { MinimumCalls = 1 };
        }).Build(new ServiceCollection().AddSingleton<ICircuitBreakerStore>(store).BuildServiceProvider());
    }

    [Theory]
    [InlineData("https://east.example/", "https://west.example/")]
    [InlineData("https://one.example/", "https://one.example/")]
    [InlineData(null, null)]
    public async Task Call_OneModelBehindTwoClients_TheSecondIsNotRefusedForTheFirst(string? firstUri, string? secondUri)
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(401));
        using var sick = new ScriptedChatClient(_ => ScriptedTurn.Fail(503));
        using var well = new ScriptedChatClient(_ => ScriptedTurn.Text("well"));
        using var client = Build(model, TimeProvider.System, options =>
        {
            options.Fallback = new FallbackOptions { Clients = { new Region(sick, firstUri), new Region(well, secondUri) } };
            options.Retry = null;
            options.CircuitBreaker = new CircuitBreakerOptions { MinimumCalls = 1 };
        });

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("well", (await client.CallAsync(streaming: false)).Text);
        }

        Assert.Equal((1, 3), (sick.CallCount, well.CallCount));
    }

    private static IChatClient Build(ScriptedChatClient model, TimeProvider clock, Action<ProductionDefaultsOptions> configure)
    {
        var services = new ServiceCollection().AddSingleton(clock).BuildServiceProvider();
        return model.AsBuilder().UseProductionDefaults(configure).Build(services);
    }

    private sealed class Region(IChatClient inner, string? uri) : DelegatingChatClient(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ChatClientMetadata)
            ? new ChatClientMetadata("openai", uri is null ? null : new Uri(uri), "gpt")
            : base.GetService(serviceType, serviceKey);
    }
}
