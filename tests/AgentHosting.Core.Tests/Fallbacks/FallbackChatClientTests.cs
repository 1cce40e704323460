using System.Diagnostics.Metrics;
using AgentHosting.CircuitBreakers;
using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace AgentHosting.Core.Tests.Fallbacks;

public sealed class FallbackChatClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_FirstModelIsWell_OthersAreNotCalled(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a"));
        using var client = models.Build();

        var response = await client.CallAsync(streaming);

        Assert.Equal("from a", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.NotNull(response.Usage);
        Assert.Equal("1 0 0", models.Calls);
        Assert.Empty(models.Logs.GetSnapshot());
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(503, false)]
    [InlineData(429, true)]
    [InlineData(429, false)]
    [InlineData(401, true)]
    [InlineData(401, false)]
    [InlineData(413, false)]
    public async Task Call_FirstModelFails_NextAnswers(int status, bool streaming)
    {
        FallbackArguments? told = null;
        using var models = new FallbackFixture(ScriptedTurn.Fail(status));
        var meters = models.Services.GetRequiredService<IMeterFactory>();
        using var switches = new MetricCollector<long>(meters, AgentHostingDiagnostics.MeterName, "agenthosting.fallback.switches");
        using var client = models.Build(options => options.OnFallback = (arguments, _) =>
        {
            told = arguments;
            return default;
        });
        var context = new AgentCallContext();

        var response = await client.CallAsync(streaming, new ChatOptions().WithAgentContext(context));

        Assert.Equal("from b", response.Text);
        Assert.Equal("1 1 0", models.Calls);
        Assert.Equal("b", context.ServedByModel);
        Assert.Equal(("a", "b", 1), (told!.FailedModel, told.NextModel, told.Attempts));
        var log = Assert.Single(models.Logs.GetSnapshot());
        Assert.Equal(EventIds.FallbackUsed, log.Id.Id);
        var measurement = Assert.Single(switches.GetMeasurementSnapshot());
        Assert.Equal("a", measurement.Tags["gen_ai.request.model"]);
        Assert.Equal(told.Failure.Kind.ToString(), measurement.Tags["agenthosting.failure.kind"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_RequestedModelIsInTheChain_EachIsTriedOnce(bool streaming)
    {
        using var models = new FallbackFixture(_ => ScriptedTurn.Fail(500), _ => ScriptedTurn.Fail(500), _ => ScriptedTurn.Fail(500));
        using var client = models.Build(options => options.Models.Add("a"));

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming, new ChatOptions { ModelId = "c" }));

        Assert.Equal("1 1 1", models.Calls);
        Assert.Equal(["c", "b", "a"], exception.Attempts.Select(attempt => attempt.Model));
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(400, false)]
    [InlineData(422, false)]
    public async Task Call_BadRequest_IsNotSentElsewhere(int status, bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(status));
        using var client = models.Build(options => options.LastResortMessage = "Sorry.");

        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));

        Assert.Equal("1 0 0", models.Calls);
    }

    [Fact]
    public async Task Stream_FailsAfterARoleOnly_NextAnswersAlone()
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("never seen").FailAfter(0, new HttpRequestException("gone", null, System.Net.HttpStatusCode.ServiceUnavailable)));
        using var client = models.Build();

        var updates = await client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToListAsync(Token);

        Assert.Equal("from b", string.Concat(updates.Select(update => update.Text)));
        Assert.Single(updates, update => update.Contents.Count == 0 && update.FinishReason is null);
        Assert.Equal("1 1 0", models.Calls);
    }

    [Fact]
    public async Task Stream_FailsAfterContent_IsInterruptedAndNotRestarted()
    {
        using var models = new FallbackFixture(ScriptedTurn.Fault(WireFault.ResetMidStream, 2));
        using var client = models.Build(options => options.LastResortMessage = "Sorry.");
        var seen = "";

        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(() => client.CallAsync(streaming: true, seen: text => seen += text));

        Assert.Equal("chunk1 chunk2 ", seen);
        Assert.Equal(seen, exception.PartialText);
        Assert.IsType<HttpIOException>(exception.InnerException);
        Assert.Equal("1 0 0", models.Calls);
        Assert.Equal(0, models.A.InFlight);
    }

    [Fact]
    public async Task Stream_EndsWithoutContentAndFinishReason_FallsBack()
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("").WithoutFinishReason().WithoutUsage());
        using var client = models.Build();

        Assert.Equal("from b", (await client.CallAsync(streaming: true)).Text);
    }

    [Fact]
    public async Task Stream_EndsWithoutFinishReasonAfterContent_IsInterrupted()
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("half an answer").WithoutFinishReason());
        using var client = models.Build();

        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(() => client.CallAsync(streaming: true));

        Assert.Equal("half an answer", exception.PartialText);
        Assert.Equal("1 0 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CallerCancels_IsNotAnswered(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fault(WireFault.StallBeforeFirstToken));
        using var client = models.Build(options => options.LastResortMessage = "Sorry.");
        using var cancel = new CancellationTokenSource();

        var call = client.CallAsync(streaming, cancellationToken: cancel.Token);
        await models.A.WaitForRequestsAsync(1, Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("1 0 0", models.Calls);
        Assert.Equal(0, models.A.InFlight);
    }

    [Fact]
    public async Task Stream_CallerStopsEarly_LeavesNothingOpen()
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), ScriptedTurn.Text("one two three"));
        using var client = models.Build();

        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        Assert.Equal("1 1 0", models.Calls);
        Assert.Equal(0, models.B.InFlight);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_AllFail_TellsEveryAttempt(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), ScriptedTurn.Fail(new ProviderException(429, TimeSpan.FromSeconds(9))), ScriptedTurn.Fail(401));
        using var client = models.Build();

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));

        Assert.Equal(
            [("a", ChatFailureKind.Transient), ("b", ChatFailureKind.RateLimited), ("c", ChatFailureKind.Authentication)],
            exception.Attempts.Select(attempt => (attempt.Model, attempt.Failure.Kind)));
        Assert.Same(exception.Attempts[0].Failure.Exception, exception.InnerException);
        Assert.Equal(TimeSpan.FromSeconds(9), exception.RetryAfter);
        Assert.StartsWith("All 3 models failed: 'a' (Transient: ScriptedHttpException), 'b' (RateLimited: ProviderException)", exception.Message, StringComparison.Ordinal);
        Assert.Equal(EventIds.FallbackExhausted, models.Logs.LatestRecord.Id.Id);
    }

    [Theory]
    [InlineData(1, "1 0 0")]
    [InlineData(2, "1 1 0")]
    public async Task Call_MaxAttempts_BoundsTheModelsTried(int attempts, string calls)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), ScriptedTurn.Fail(502));
        using var client = models.Build(options => options.MaxAttempts = attempts);

        var exception = await Record.ExceptionAsync(() => client.CallAsync(streaming: true));

        Assert.Equal(calls, models.Calls);
        Assert.Equal(attempts == 1, exception is ScriptedHttpException);
        Assert.Equal(attempts == 2, exception is AllModelsFailedException { Skipped: { } skipped } && skipped["c"] == "MaxAttempts is 2");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_DeadFirstModelWithABreaker_IsHitTenTimesInFifty(bool streaming)
    {
        using var models = new FallbackFixture(
            _ => ScriptedTurn.Fail(503),
            _ => ScriptedTurn.Text("from b"),
            _ => ScriptedTurn.Text("from c"),
            perModel: (client, services) => client.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions()).Build(services));
        using var client = models.Build();

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("from b", (await client.CallAsync(streaming)).Text);
        }

        Assert.Equal("10 50 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_AllCircuitsOpen_IsRefusedWithTheShortestWaitAndProbedAfterIt(bool streaming)
    {
        var well = false;
        using var models = new FallbackFixture(
            _ => ScriptedTurn.Fail(503),
            _ => well ? ScriptedTurn.Text("from b") : ScriptedTurn.Fail(new ProviderException(429, TimeSpan.FromSeconds(12))),
            _ => ScriptedTurn.Fail(503),
            perModel: (client, services) => client.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions { MinimumCalls = 1 }).Build(services));
        using var client = models.Build();
        await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));

        var refused = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));

        Assert.Equal("1 1 1", models.Calls);
        Assert.All(refused.Attempts, static attempt => Assert.IsType<CircuitOpenException>(attempt.Failure.Exception));
        Assert.Equal(TimeSpan.FromSeconds(12), refused.RetryAfter);

        // Whoever waits as long as is said gets through.
        well = true;
        models.Clock.Advance(refused.RetryAfter!.Value);
        Assert.Equal("from b", (await client.CallAsync(streaming)).Text);
        Assert.Equal("1 2 1", models.Calls);
    }

    [Fact]
    public void GetService_Metadata_IsThatOfTheFirstModel()
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a"));
        using var client = models.Build();

        Assert.Equal("model-a", client.GetService<ChatClientMetadata>()!.DefaultModelId);
    }

    [Fact]
    public void Build_OutsideTheToolLoop_SaysWhatToMove()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));

        var exception = Assert.Throws<InvalidOperationException>(() =>
            model.AsBuilder().UseFallback(new FallbackOptions { Models = { "b" } }).UseFunctionInvocation().Build());

        Assert.Equal(
            "UseFallback stands above UseFunctionInvocation. Move UseFunctionInvocation before it, since the stage added first is the outermost: "
            + "a stage outside the tool loop that repeats a call runs its tools again.",
            exception.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_InsideTheToolLoop_RunsTheToolOnce(bool streaming)
    {
        var runs = 0;
        using var models = new FallbackFixture(
            request => request.ToolResults.Count > 0 ? ScriptedTurn.Fail(503) : ScriptedTurn.ToolCall("count"),
            _ => ScriptedTurn.Text("done by b"),
            _ => ScriptedTurn.Text("from c"));
        using var client = models.Build().AsBuilder().UseFunctionInvocation().Build();

        var response = await client.CallAsync(streaming, new ChatOptions { Tools = [AIFunctionFactory.Create(() => ++runs, "count")] });

        Assert.Equal("done by b", response.Text);
        Assert.Equal(1, runs);
        Assert.Equal("2 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_WithoutACatalog_SendsNamesAndThenOtherClients(bool streaming)
    {
        using var first = new ScriptedChatClient(_ => ScriptedTurn.Fail(503));
        using var other = new ScriptedChatClient(_ => ScriptedTurn.Text("from the other provider")) { ProviderName = "other", ModelId = "own" };
        using var client = first.AsBuilder().UseFallback(new FallbackOptions { Models = { "cheap" }, Clients = { other } }).Build();
        var context = new AgentCallContext();

        var response = await client.CallAsync(streaming, new ChatOptions { ModelId = "dear" }.WithAgentContext(context));

        Assert.Equal("from the other provider", response.Text);
        Assert.Equal(["dear", "cheap"], first.Requests.Select(request => request.Options!.ModelId));
        Assert.Null(other.Requests[0].Options!.ModelId);
        Assert.Equal("other/own", context.ServedByModel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_ShouldHandle_Decides(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(400), ScriptedTurn.Fail(503));
        using var client = models.Build(options => options.ShouldHandle = failure => failure.Kind == ChatFailureKind.BadRequest);

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));

        Assert.Equal("1 1 0", models.Calls);
        Assert.Equal(2, exception.Attempts.Count);
    }
}
