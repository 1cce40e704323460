using AgentHosting.ContextWindows;
using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Core.Tests.ContextWindows;

/// <summary>The window beside the stages around it, in a host with a model of 1,000 and one of 4,000 tokens.</summary>
public sealed class ContextWindowPipelineTests : IDisposable
{
    private readonly ScriptedChatClient _small = new(_ => ScriptedTurn.Text("small"));
    private readonly ScriptedChatClient _large = new(_ => ScriptedTurn.Text("large"));
    private readonly List<IHost> _hosts = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_DoesNotFitTheModel_LargerOneOfTheFallbackAnswersAndTheSmallOneIsNotAsked(bool streaming)
    {
        var client = Build(pipeline => pipeline.UseContextWindow(new ContextWindowOptions()).UseFallback(new FallbackOptions { Models = { "large" } }));

        Assert.Equal("large", (await AskAsync(client, [User(2000)], streaming)).Text);
        Assert.Equal((0, 1), (_small.CallCount, _large.CallCount));
    }

    [Fact]
    public async Task Call_DoesNotFitTheModel_HistoryIsCutForTheLargestNotForIt()
    {
        var client = Build(pipeline => pipeline.UseContextWindow(new ContextWindowOptions()).UseFallback(new FallbackOptions { Models = { "large" } }));
        await AskAsync(client, [User(3000), new ChatMessage(ChatRole.Assistant, "a"), User(900), new ChatMessage(ChatRole.Assistant, "b"), User(1500)], streaming: false);

        Assert.Equal([900, 1, 1500], _large.Requests[0].Messages.Select(message => message.Text.Length));
    }

    [Fact]
    public async Task Call_SameContextAgain_IsNotTakenForRefusedAnyMore()
    {
        var client = Build(pipeline => pipeline.UseContextWindow(new ContextWindowOptions()).UseFallback(new FallbackOptions { Models = { "large" } }));
        var options = new ChatOptions().WithAgentContext(new AgentCallContext { UserId = "u" });

        Assert.Equal("large", (await client.GetResponseAsync([User(2000)], options, TestContext.Current.CancellationToken)).Text);
        Assert.Equal("small", (await client.GetResponseAsync([User(20)], options, TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task Call_FitsNoModel_IsTheContextWindowFailure()
    {
        var client = Build(pipeline => pipeline.UseContextWindow(new ContextWindowOptions()).UseFallback(new FallbackOptions { Models = { "large" } }));
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(client, [User(9000)], streaming: false));

        Assert.Equal(ChatFailureKind.ContextWindow, ChatFailureClassifier.Classify(exception, TimeProvider.System, TestContext.Current.CancellationToken).Kind);
        Assert.Equal((0, 0), (_small.CallCount, _large.CallCount));
    }

    [Fact]
    public async Task Call_LimitIsTheCallersOwn_NoOtherModelIsTried()
    {
        var client = Build(pipeline => pipeline.UseContextWindow(new ContextWindowOptions { MaxInputTokens = 100 }).UseFallback(new FallbackOptions { Models = { "large" } }));

        await Assert.ThrowsAsync<ContextWindowExceededException>(() => AskAsync(client, [User(200)], streaming: false));
        Assert.Equal((0, 0), (_small.CallCount, _large.CallCount));
    }

    [Fact]
    public async Task Call_OtherModelIsNamed_ItsWindowCounts()
    {
        var client = Build(pipeline => pipeline.UseContextWindow(new ContextWindowOptions()));
        await client.GetResponseAsync([User(2000)], new ChatOptions { ModelId = "large" }, TestContext.Current.CancellationToken);

        Assert.Equal(2000, _large.Requests[0].Messages[0].Text.Length);
    }

    [Fact]
    public async Task Call_FallbackWithASmallerWindow_IsPassedOver()
    {
        _large.Dispose();
        var failing = new ScriptedChatClient(_ => ScriptedTurn.Fail(503));
        var client = Build(
            pipeline => pipeline.UseContextWindow(new ContextWindowOptions()).UseFallback(new FallbackOptions { Models = { "small" } }), large: failing);

        var options = new ChatOptions { ModelId = "large" };
        await Assert.ThrowsAnyAsync<Exception>(() => client.GetResponseAsync([User(2000)], options, TestContext.Current.CancellationToken));
        Assert.Equal(0, _small.CallCount);
        Assert.Equal("small", (await client.GetResponseAsync([User(200)], options, TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task Call_CacheBelow_HistoriesThatAreCutToTheSameShareAnAnswer()
    {
        var client = Build(pipeline => pipeline.UseContextWindow(new ContextWindowOptions()).UseResponseCache(new ResponseCacheOptions()));
        await AskAsync(client, [User(700), new ChatMessage(ChatRole.Assistant, "a"), User(300)], streaming: false);
        await AskAsync(client, [User(650), new ChatMessage(ChatRole.Assistant, "a"), User(300)], streaming: true);

        Assert.Equal(1, _small.CallCount);
    }

    [Fact]
    public async Task Defaults_CatalogKnowsAWindow_HistoryIsCut()
    {
        var client = Build(pipeline => pipeline.UseProductionDefaults());
        await AskAsync(client, [User(700), new ChatMessage(ChatRole.Assistant, "a"), User(300)], streaming: false);

        Assert.Equal(300, Assert.Single(_small.Requests[0].Messages).Text.Length);
    }

    [Fact]
    public void Build_CacheAboveTheWindow_IsRefused()
    {
        var exception = Assert.Throws<InvalidOperationException>(
            () => _small.AsBuilder().UseResponseCache(new ResponseCacheOptions()).UseContextWindow(new ContextWindowOptions()).Build());

        Assert.StartsWith("UseResponseCache stands above UseContextWindow.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SessionGrowsBeyondTheWindow_GoesOn()
    {
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton<ITokenCounter>(new LengthCounter());
            hosting.AddModel("small", _ => _small, Small).AddAgent("a", agent => agent.UsePipeline(pipeline => pipeline.UseProductionDefaults()));
        });
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("small", (await host.RunAsync(new string('a', 300), "s")).Result);
        }

        Assert.InRange(_small.Requests[^1].Messages.Sum(message => message.Text.Length), 300, 1000);
    }

    public void Dispose()
    {
        foreach (var host in _hosts)
        {
            host.Dispose();
        }

        _small.Dispose();
        _large.Dispose();
    }

    private static void Small(ModelOptions options) => (options.ContextWindow, options.MaxOutputTokens) = (1256, 100);

    private static ChatMessage User(int length) => new(ChatRole.User, new string('u', length));

    private IChatClient Build(Action<ChatClientBuilder> configure, ScriptedChatClient? large = null)
    {
        var host = TestHost.Build(hosting =>
        {
            hosting.Services.AddSingleton<ITokenCounter>(new LengthCounter());
            hosting.AddModel("small", _ => _small, Small)
                .AddModel("large", _ => large ?? _large, options => (options.ContextWindow, options.MaxOutputTokens) = (4256, 100))
                .AddAgent("a", agent => agent.UsePipeline(configure));
        });
        _hosts.Add(host);
        return host.Services.GetRequiredService<AgentHosting.Agents.IAgentRegistry>().Find("a")!.ChatClient;
    }

    private static async Task<ChatResponse> AskAsync(IChatClient client, ChatMessage[] messages, bool streaming)
    {
        if (!streaming)
        {
            return await client.GetResponseAsync(messages, cancellationToken: TestContext.Current.CancellationToken);
        }

        return await client.GetStreamingResponseAsync(messages, cancellationToken: TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken);
    }
}
