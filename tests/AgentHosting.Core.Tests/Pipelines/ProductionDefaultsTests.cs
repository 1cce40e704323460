using AgentHosting.Core.Tests.ResponseCaching;
using AgentHosting.Fallbacks;
using AgentHosting.ResponseCaching;
using AgentHosting.Retries;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Pipelines;

public sealed class ProductionDefaultsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_ModelFailsForNow_IsRepeated(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503), ScriptedTurn.Text("ok"));
        using var client = model.AsBuilder().UseProductionDefaults(options => options.Retry = FastRetry()).Build();

        Assert.Equal("ok", await TextAsync(client, "Hi", null, streaming));
        Assert.Equal(2, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_RetryAfterAndATimerThatEndsEarly_IsNotRefusedByTheBreakersPause(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(2)), ScriptedTurn.Text("ok"));
        var clock = new EarlyTimerTimeProvider();
        using var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).BuildServiceProvider();
        using var client = model.AsBuilder().UseProductionDefaults().Build(services);

        var call = TextAsync(client, "Hi", null, streaming);
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        Assert.Equal("ok", await call);
        Assert.Equal(2, model.CallCount);
    }

    [Fact]
    public async Task Call_OnABareBuilder_RunsTools()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("now", "{}"), ScriptedTurn.Text("noon"));
        using var client = model.AsBuilder().UseProductionDefaults().Build();
        var called = 0;

        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => ++called, "now")] };
        Assert.Equal("noon", await TextAsync(client, "Time?", options, streaming: false));
        Assert.Equal(1, called);
    }

    [Fact]
    public async Task Run_FirstModelDown_FallsBackWithinTheAttemptAndDoesNotRepeatTools()
    {
        using var mini = new ScriptedChatClient(request => ScriptedTurn.Fail(500));
        using var large = new ScriptedChatClient(ScriptedTurn.ToolCall("pay", "{}"), ScriptedTurn.Text("Paid."));
        var paid = 0;
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => mini)
            .AddModel("large", _ => large, options => { options.InputPrice = 1; options.OutputPrice = 1; })
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(() => Interlocked.Increment(ref paid), "pay"))
                .UsePipeline(pipeline => pipeline.UseProductionDefaults(options =>
                {
                    options.Retry = FastRetry();
                    options.Fallback = new FallbackOptions { Models = { "large" } };
                }))));

        var run = await host.RunAsync("Pay");

        Assert.Equal(("Paid.", 1, 1), (run.Result, run.Attempts, paid));
        Assert.Equal(["large", null, "large"], run.Steps.Select(step => step.Model));
    }

    [Fact]
    public async Task Call_WithResponseCache_HitAsksNoModel()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("once"));
        using var client = model.AsBuilder().UseProductionDefaults(options => options.ResponseCache = new ResponseCacheOptions()).Build();

        Assert.Equal("once", await TextAsync(client, "Hi", null, streaming: false));
        Assert.Equal("once", await TextAsync(client, "Hi", null, streaming: true));
        Assert.Equal(1, model.CallCount);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(2, 3)]
    public async Task Call_RegisteredOptions_AreWhatCodeBeginsWith(int? chosen, int expected)
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(503));
        await using var services = Services([new("AgentHosting:Retry:MaxRetries", "0"), new("AgentHosting:Retry:BaseDelay", "00:00:00.001")]);
        using var client = model.AsBuilder().UseProductionDefaults(options =>
        {
            if (chosen is { } retries)
            {
                options.Retry!.MaxRetries = retries;
            }
        }).Build(services);

        await Assert.ThrowsAnyAsync<Exception>(() => TextAsync(client, "Hi", null, streaming: false));
        Assert.Equal(expected, model.CallCount);
    }

    [Theory]
    [InlineData(false, "spare", 1)]
    [InlineData(true, null, 0)]
    public async Task Call_RegisteredFallback_IsContainedUnlessSetToNull(bool leftOut, string? answer, int calls)
    {
        using var spare = new ScriptedChatClient(ScriptedTurn.Text("spare"));
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(401));
        await using var services = Services([], hosting => hosting.AddFallback(fallback => fallback.Clients.Add(spare)));
        using var client = model.AsBuilder().UseProductionDefaults(options =>
        {
            if (leftOut)
            {
                options.Fallback = null;
            }
        }).Build(services);

        var call = TextAsync(client, "Hi", null, streaming: false);

        Assert.Equal(answer, leftOut ? await call.ContinueWith(ended => ended.IsFaulted ? null : "an answer", TestContext.Current.CancellationToken) : await call);
        Assert.Equal(calls, spare.CallCount);
    }

    [Fact]
    public async Task Call_ResponseCacheOfTheServices_IsSharedBetweenPipelines()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("once"));
        await using var services = Services([], hosting => hosting.AddResponseCache().Services
            .AddSingleton<IDistributedCache>(new SharedStore())
            .AddHybridCache());
        using var first = model.AsBuilder().UseProductionDefaults().Build(services);
        using var second = model.AsBuilder().UseProductionDefaults(options => options.ResponseCache = new ResponseCacheOptions()).Build(services);

        Assert.Equal("once", await TextAsync(first, "Hi", null, streaming: false));
        Assert.Equal("once", await TextAsync(second, "Hi", null, streaming: false));
        Assert.Equal(1, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_WithoutResponseCache_AsksEachTime(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("again")) { Repeat = true };
        using var client = model.AsBuilder().UseProductionDefaults().Build();

        Assert.Equal("again", await TextAsync(client, "Hi", null, streaming));
        Assert.Equal("again", await TextAsync(client, "Hi", null, streaming));
        Assert.Equal(2, model.CallCount);
    }

    [Fact]
    public void Build_FallbackOutsideTheToolLoop_SaysWhatToMove()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        var builder = model.AsBuilder().UseFallback(new FallbackOptions { Models = { "large" } }).UseFunctionInvocation();

        var exception = Assert.Throws<InvalidOperationException>(() => builder.Build());

        Assert.Contains("Move UseFunctionInvocation before it", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_RetryOverCache_SaysWhatToMove()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        var builder = model.AsBuilder().UseRetry(new RetryOptions()).UseResponseCache(new ResponseCacheOptions());

        var exception = Assert.Throws<InvalidOperationException>(() => builder.Build());

        Assert.Contains("Move UseResponseCache before it", exception.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(KeyValuePair<string, string?>[] settings, Action<IAgentHostingBuilder>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        configure?.Invoke(services.AddAgentHosting());
        services.AddAgentHosting();
        return services.BuildServiceProvider();
    }

    private static RetryOptions FastRetry() => new() { BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) };

    private static async Task<string> TextAsync(IChatClient client, string message, ChatOptions? options, bool streaming)
    {
        var token = TestContext.Current.CancellationToken;
        return streaming
            ? (await client.GetStreamingResponseAsync(message, options, token).ToChatResponseAsync(token)).Text
            : (await client.GetResponseAsync(message, options, token)).Text;
    }
}
