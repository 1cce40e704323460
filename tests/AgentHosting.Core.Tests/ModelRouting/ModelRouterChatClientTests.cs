using System.Diagnostics;
using AgentHosting.Diagnostics;
using AgentHosting.ModelRouting;
using AgentHosting.Pricing;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class ModelRouterChatClientTests
{
    [Theory]
    [InlineData(Easy, "mini", false)]
    [InlineData(Easy, "mini", true)]
    [InlineData(Hard, "large", false)]
    [InlineData(Hard, "large", true)]
    [InlineData("go on", "mid", false)]
    [InlineData("go on", "mid", true)]
    public async Task Call_IsRoutedByTheLastUserTurn(string prompt, string expected, bool stream)
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build();
        ChatMessage[] messages = [new(ChatRole.System, Hard), new(ChatRole.User, Hard), new(ChatRole.Assistant, "Done."), new(ChatRole.User, prompt)];

        Assert.Equal(expected, await AskAsync(client, messages, stream: stream));
    }

    [Theory]
    [InlineData("go on")]
    [InlineData("")]
    public async Task Call_WithoutSignalAndTwoModels_GoesToTheStronger(string prompt)
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build(models: ["mini", "large"]);

        Assert.Equal("large", await AskAsync(client, prompt));
    }

    [Fact]
    public async Task Call_WithOneCandidateAndNoUserMessage_GoesToIt()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build(models: ["mid"]);

        Assert.Equal("mid", await AskAsync(client, []));
    }

    [Theory]
    [InlineData(false, "mini")]
    [InlineData(true, "large")]
    public async Task Call_ThatNamesAModel_IsRoutedOnlyWhenToldTo(bool routeNamed, string expected)
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build(options => options.RouteNamedModels = routeNamed);
        var options = new ChatOptions { ModelId = "mini" };

        Assert.Equal(expected, await AskAsync(client, Hard, options));
        Assert.Equal(expected, await AskAsync(client, Hard, options, stream: true));
        Assert.Equal("mini", options.ModelId);
    }

    [Fact]
    public async Task Call_LeavesTheOptionsOfTheCallerAlone_AndNotesTheReason()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build();
        var context = new AgentCallContext();
        var options = new ChatOptions { Temperature = 0.5f }.WithAgentContext(context);

        await AskAsync(client, Hard, options);

        Assert.Null(options.ModelId);
        Assert.Equal("complex", context.RouteReason);
        Assert.Equal("large", context.ServedByModel);
        Assert.Equal(0.5f, Assert.Single(fixture.Large.Requests).Options!.Temperature);
    }

    [Fact]
    public void Stream_IsThatOfTheClientBelow()
    {
        using var below = new SameStreamChatClient();
        using var client = below.AsBuilder().UseModelRouter(new ModelRouterOptions { Candidates = { new() { Model = "a" } } }).Build();

        Assert.Same(below.Stream, client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, Hard)], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("a", below.Options!.ModelId);
    }

    [Fact]
    public async Task Call_IsCountedLoggedAndTagged()
    {
        using var fixture = new RouterFixture();
        using var counter = fixture.Collect<long>("agenthosting.model_router.routes");
        using var client = fixture.Build();
        using var activity = new Activity("call").Start();

        await AskAsync(client, Hard);

        var measured = Assert.Single(counter.GetMeasurementSnapshot());
        Assert.Equal(1, measured.Value);
        Assert.Equal("large", measured.Tags[TagNames.ModelRoute]);
        Assert.Equal("complexity", measured.Tags[TagNames.ModelRoutePolicy]);
        Assert.Equal("complex", measured.Tags[TagNames.ModelRouteReason]);
        var record = Assert.Single(fixture.Logs.GetSnapshot(), record => record.Id.Id == EventIds.ModelRouted);
        Assert.Equal("The call goes to model 'large' (complexity: complex).", record.Message);
        Assert.Equal("large", activity.GetTagItem(TagNames.ModelRoute));
        Assert.Equal("complex", activity.GetTagItem(TagNames.ModelRouteReason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_WhenTheModelFails_FailsAsItDoes(bool stream)
    {
        using var fixture = new RouterFixture { LargeTurn = () => ScriptedTurn.Fail(503) };
        using var client = fixture.Build();

        await Assert.ThrowsAsync<ScriptedHttpException>(() => AskAsync(client, Hard, stream: stream));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_WithoutCatalog_ReachesTheProviderUnderTheNameGiven(bool stream)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hello")) { Repeat = true };
        using var client = model.AsBuilder().UseModelRouter(new ModelRouterOptions { Candidates = { new() { Model = "p-mini" }, new() { Model = "p-large" } } }).Build();

        await AskAsync(client, Hard, stream: stream);
        await AskAsync(client, Easy, stream: stream);

        Assert.Equal(["p-large", "p-mini"], model.Requests.Select(request => request.Options!.ModelId));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ShadowMode_GoesWhereItWent_AndTellsRouteAndSaving(bool stream)
    {
        using var fixture = new RouterFixture((name, model) => (model.InputPrice, model.OutputPrice) = name == "mini" ? (8m, 20m) : (1m, 2m));
        using var routes = fixture.Collect<long>("agenthosting.model_router.shadow_routes");
        using var saving = fixture.Collect<double>("agenthosting.model_router.shadow_saving");
        using var client = fixture.Build(options =>
        {
            options.ShadowMode = true;
            options.ExpectedOutputTokens = 1000;
        });
        var context = new AgentCallContext();

        Assert.Equal("mini", await AskAsync(client, Hard, new ChatOptions().WithAgentContext(context), stream));

        Assert.Null(context.RouteReason);
        Assert.Equal("large", Assert.Single(routes.GetMeasurementSnapshot()).Tags[TagNames.ModelRoute]);
        var input = TokenEstimator.Instance.CountInput([new ChatMessage(ChatRole.User, Hard)], null);
        Assert.Equal(((7.0 * input) + (18 * 1000)) / 1e6, Assert.Single(saving.GetMeasurementSnapshot()).Value, 9);
        var record = Assert.Single(fixture.Logs.GetSnapshot(), record => record.Id.Id == EventIds.ModelRouteShadowed);
        Assert.StartsWith("The call goes to model 'mini'. The router would have chosen 'large' (complexity: complex)", record.Message, StringComparison.Ordinal);
    }

    private sealed class SameStreamChatClient : IChatClient
    {
        public IAsyncEnumerable<ChatResponseUpdate> Stream { get; } = AsyncEnumerable.Empty<ChatResponseUpdate>();

        public ChatOptions? Options { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse());

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Options = options;
            return Stream;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
