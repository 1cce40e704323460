using AgentHosting.Fallbacks;
using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using AgentHosting.Pricing;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class RoutePolicyTests
{
    [Fact]
    public async Task Window_TooSmall_IsPassedOver()
    {
        using var fixture = new RouterFixture((name, model) => model.ContextWindow = name switch { "mini" => 100, "mid" => 1000, _ => 10_000 });
        using var client = fixture.Build(options => options.Policy = ModelRoutePolicies.Cheapest);

        Assert.Equal("mini", await AskAsync(client, Easy));
        Assert.Equal("mid", await AskAsync(client, Easy, new ChatOptions { MaxOutputTokens = 500 }));
        Assert.Equal("large", await AskAsync(client, Easy, new ChatOptions { Instructions = new string('x', 8000) }));
        Assert.Equal("large", await AskAsync(client, Easy, new ChatOptions { Instructions = new string('x', 800_000) }));
    }

    [Theory]
    [InlineData("tools")]
    [InlineData("schema")]
    [InlineData("image")]
    [InlineData("audio")]
    public async Task Ability_ThatAModelLacks_IsPassedOver(string need)
    {
        using var fixture = new RouterFixture((name, model) =>
        {
            model.SupportsTools = name != "mini" || need != "tools";
            model.SupportsJsonSchema = name != "mini" || need != "schema";
            model.SupportsImages = name != "mini" || need != "image";
            model.SupportsAudio = name != "mini" || need != "audio";
        });
        using var client = fixture.Build(options => options.Policy = ModelRoutePolicies.Cheapest);
        var options = new ChatOptions
        {
            Tools = need == "tools" ? [AIFunctionFactory.Create(() => 1, "one")] : null,
            ResponseFormat = need == "schema" ? ChatResponseFormat.ForJsonSchema<int>() : null,
        };
        ChatMessage[] messages = need is "image" or "audio"
            ? [new(ChatRole.User, [new UriContent("http://127.0.0.1/x", need + "/x"), new DataContent(new byte[] { 1 }, need + "/x")])]
            : [new(ChatRole.User, Easy)];

        Assert.Equal("mini", await AskAsync(client, Easy));
        Assert.Equal("mid", await AskAsync(client, messages, options));
    }

    [Fact]
    public async Task Request_ThatFitsNone_GoesToTheLargestThatSupportsIt()
    {
        using var fixture = new RouterFixture((name, model) =>
        {
            model.ContextWindow = name switch { "mini" => 10, "mid" => 20, _ => 30 };
            model.SupportsTools = name != "large";
        });
        using var client = fixture.Build(options => options.Policy = ModelRoutePolicies.Cheapest);
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] };

        Assert.Equal("mid", await AskAsync(client, Hard, options));
        Assert.Equal("large", await AskAsync(client, Hard));
    }

    [Fact]
    public async Task Cheapest_GoesByEstimatedCost()
    {
        var policy = new CheapestRoutePolicy(500);
        ModelRouteTarget[] targets = [Target("a", 0), Target("b", 1, 5, 1), Target("c", 2, 1, 10)];

        Assert.Equal("b", await ChooseAsync(policy, targets, "short"));
        Assert.Equal("c", await ChooseAsync(policy, targets, new string('x', 40_000)));
        Assert.Equal("a", await ChooseAsync(policy, targets[..1], "short"));
    }

    [Fact]
    public async Task Weighted_DrawsAsOftenAsWeightsSay()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        var policy = new WeightedRoutePolicy(random.NextDouble);
        ModelRouteTarget[] targets = [Target("a", 0, weight: 1), Target("b", 1, weight: 0), Target("c", 2, weight: 3)];
        var counts = new Dictionary<string, int> { ["b"] = 0 };
        for (var i = 0; i < 4000; i++)
        {
            var model = await ChooseAsync(policy, targets, "x");
            counts[model] = counts.GetValueOrDefault(model) + 1;
        }

        Assert.True(counts is { } seen && seen["b"] == 0 && seen["a"] is > 900 and < 1100, $"seed {Seed}: {string.Join(", ", counts)}");
    }

    [Fact]
    public async Task Random_FromManyCallers_IsEvenAndDoesNotRepeat()
    {
        var random = new RouteRandom();
        var numbers = (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 10_000).Select(_ => random.Next()).ToArray()))))
            .SelectMany(drawn => drawn).ToArray();

        Assert.All(numbers, number => Assert.InRange(number, 0, 1 - 1e-17));
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.InRange(numbers.Average(), 0.49, 0.51);
    }

    [Fact]
    public async Task Latency_PrefersTheFaster_AndTriesTheSlowerAgainLater()
    {
        var clock = new FakeTimeProvider();
        var tracker = new LatencyTracker(clock, TimeSpan.FromSeconds(30));
        var policy = new LatencyRoutePolicy(tracker, new Random(1).NextDouble);
        ModelRouteTarget[] targets = [Target("slow", 0), Target("fast", 1)];
        Measure(tracker, clock, "slow", TimeSpan.FromSeconds(4));
        Measure(tracker, clock, "fast", TimeSpan.FromSeconds(1));

        Assert.Equal("fast", await ChooseAsync(policy, targets, "x"));
        for (var i = 0; i < 10; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(29));
            Measure(tracker, clock, "fast", TimeSpan.FromSeconds(1));
        }

        Assert.Equal("slow", await ChooseAsync(policy, targets, "x"));
    }

    [Fact]
    public async Task Latency_CallsInFlight_TurnOthersAway()
    {
        var clock = new FakeTimeProvider();
        var tracker = new LatencyTracker(clock, TimeSpan.FromSeconds(30));
        var policy = new LatencyRoutePolicy(tracker, new Random(1).NextDouble);
        ModelRouteTarget[] targets = [Target("a", 0), Target("b", 1)];
        Measure(tracker, clock, "a", TimeSpan.FromMilliseconds(500));
        Measure(tracker, clock, "b", TimeSpan.FromMilliseconds(700));

        using (tracker.Start("a", isStreaming: false))
        {
            Assert.Equal("b", await ChooseAsync(policy, targets, "x"));
        }

        Assert.Equal("a", await ChooseAsync(policy, targets, "x"));
    }

    [Fact]
    public async Task Latency_Ties_AreDecidedAtRandom()
    {
        const int Seed = 3;
        var policy = new LatencyRoutePolicy(new LatencyTracker(new FakeTimeProvider(), TimeSpan.FromSeconds(30)), new Random(Seed).NextDouble);
        ModelRouteTarget[] targets = [Target("a", 0), Target("b", 1), Target("c", 2)];
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 3000; i++)
        {
            var model = await ChooseAsync(policy, targets, "x");
            counts[model] = counts.GetValueOrDefault(model) + 1;
        }

        Assert.True(counts.Count == 3 && counts.Values.All(count => count is > 850 and < 1150), $"seed {Seed}: {string.Join(", ", counts)}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Latency_AModelThatFailsAtOnce_IsNoFastOne(bool stream)
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Fail(503), LargeTurn = () => ScriptedTurn.Text("large") };
        using var client = fixture.Build(options => options.Policy = ModelRoutePolicies.Latency, null, "mini", "large");
        var failures = 0;
        for (var i = 0; i < 20; i++)
        {
            try
            {
                await AskAsync(client, Easy, stream: stream);
            }
            catch (ScriptedHttpException)
            {
                failures++;
            }
        }

        Assert.InRange(failures, 0, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Latency_HoweverACallEnds_NothingStaysInFlight(bool stream)
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Stream("a", "b", "c") };
        var options = new ModelRouterOptions { Policy = ModelRoutePolicies.Latency, Candidates = { new() { Model = "mini" } } };
        var policies = new RoutePolicyFactory(options, fixture.Catalog, null, fixture.Services, fixture.Clock, static () => 0);
        using var client = new ModelRouterChatClient(fixture.Catalog, options, policies, TokenEstimator.Instance, NullLogger.Instance, new ModelRouterMetrics(null));
        var tracker = policies.Tracker!;

        // Answers take no time on this clock, so the load is 1 for each call in flight and one more.
        await AskAsync(client, Easy, stream: stream);
        Assert.Equal(1, tracker.LoadOf("mini", stream));

        await foreach (var update in client.GetStreamingResponseAsync(Easy, cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Equal(2, tracker.LoadOf("mini", stream));
            break;
        }

        Assert.Equal(1, tracker.LoadOf("mini", stream));
        fixture.MiniTurn = () => ScriptedTurn.Text("late").WithDelay(TimeSpan.FromMinutes(1));
        using var cancellation = new CancellationTokenSource();
        var calls = fixture.Mini.CallCount;
        var asking = stream
            ? client.GetStreamingResponseAsync(Easy, cancellationToken: cancellation.Token).ToChatResponseAsync(cancellation.Token)
            : client.GetResponseAsync(Easy, cancellationToken: cancellation.Token);
        await fixture.Mini.WaitForRequestsAsync(calls + 1, TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(1, tracker.LoadOf("mini", stream));

        fixture.MiniTurn = () => ScriptedTurn.Fail(503);
        await Assert.ThrowsAsync<ScriptedHttpException>(() => AskAsync(client, Easy, stream: stream));
        Assert.Equal(10_001, tracker.LoadOf("mini", stream));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Latency_ACacheHit_SaysNothingAboutTheModel(bool stream)
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Text("mini").WithDelay(TimeSpan.FromSeconds(1)) };
        var (client, tracker) = Measured(fixture, fixture.Catalog.AsBuilder().UseResponseCache(new ResponseCacheOptions()).Build(fixture.Services));
        var first = AskAsync(client, Easy, stream: stream);
        await fixture.Mini.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await first;

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("mini", await AskAsync(client, Easy, stream: stream));
        }

        Assert.Equal(1, fixture.Mini.CallCount);
        Assert.Equal(1001, tracker.LoadOf("mini", stream));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Latency_AFallbackThatStepsIn_CountsAgainstTheModel(bool stream)
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Fail(503) };
        var (client, tracker) = Measured(
            fixture, fixture.Catalog.AsBuilder().UseFallback(new FallbackOptions { Models = { "large" } }).Build(fixture.Services));

        Assert.Equal("large", await AskAsync(client, Easy, stream: stream));

        Assert.Equal(10_001, tracker.LoadOf("mini", stream));
        Assert.Null(fixture.Mini.Requests[0].Options?.AdditionalProperties);
    }

    [Fact]
    public async Task Latency_OfAStream_IsThatOfItsFirstContent()
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Stream("a", "b").WithDelay(TimeSpan.FromSeconds(1)) };
        var options = new ModelRouterOptions { Policy = ModelRoutePolicies.Latency, Candidates = { new() { Model = "mini" } } };
        var policies = new RoutePolicyFactory(options, fixture.Catalog, null, fixture.Services, fixture.Clock, static () => 0);
        using var client = new ModelRouterChatClient(fixture.Catalog, options, policies, TokenEstimator.Instance, NullLogger.Instance, new ModelRouterMetrics(null));

        await using var updates = client.GetStreamingResponseAsync(Easy, cancellationToken: TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = updates.MoveNextAsync().AsTask();
        await fixture.Mini.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await first);
        while (updates.Current.Text.Length == 0)
        {
            Assert.True(await updates.MoveNextAsync());
        }

        Assert.Equal(2 * 1001, policies.Tracker!.LoadOf("mini", isStreaming: true));
        Assert.Equal(2, policies.Tracker.LoadOf("mini", isStreaming: false));
    }

    private static async Task<string> ChooseAsync(IModelRoutePolicy policy, ModelRouteTarget[] targets, string prompt) =>
        (await policy.ChooseAsync(Context(targets, prompt), TestContext.Current.CancellationToken)).Model;

    private static void Measure(LatencyTracker tracker, FakeTimeProvider clock, string model, TimeSpan latency)
    {
        using var probe = tracker.Start(model, isStreaming: false);
        clock.Advance(latency);
        probe.Answered(AnswerSource.Model);
    }

    private static (IChatClient Client, LatencyTracker Tracker) Measured(RouterFixture fixture, IChatClient below)
    {
        var options = new ModelRouterOptions { Policy = ModelRoutePolicies.Latency, Candidates = { new() { Model = "mini" } } };
        var policies = new RoutePolicyFactory(options, fixture.Catalog, null, fixture.Services, fixture.Clock, static () => 0);
        return (new ModelRouterChatClient(below, options, policies, TokenEstimator.Instance, NullLogger.Instance, new ModelRouterMetrics(null)), policies.Tracker!);
    }

    private static ModelRouteTarget Target(string model, int tier, decimal? input = null, decimal? output = null, double weight = 1) => new()
    {
        Model = model,
        Tier = tier,
        Weight = weight,
        Price = input is null ? null : new ModelPrice { Input = input.Value, Output = output!.Value },
    };

    private static ModelRouteContext Context(ModelRouteTarget[] targets, string prompt) =>
        new() { Messages = [new ChatMessage(ChatRole.User, prompt)], Targets = targets };
}
