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

public sealed class FallbackLastResortTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_AllProvidersFail_AnswersMarkedAndFree(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), ScriptedTurn.Fail(503), ScriptedTurn.Fail(503));
        using var exhausted = new MetricCollector<long>(models.Services.GetRequiredService<IMeterFactory>(), AgentHostingDiagnostics.MeterName, "agenthosting.fallback.exhausted");
        using var client = models.Build(options => options.LastResortMessage = "Please try again later.");
        var context = new AgentCallContext();

        var response = await client.CallAsync(streaming, new ChatOptions().WithAgentContext(context));

        Assert.Equal("Please try again later.", response.Text);
        Assert.True(response.IsDegraded());
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(0, response.Usage!.TotalTokenCount);
        Assert.Null(response.ModelId);
        Assert.Null(context.ServedByModel);
        Assert.Equal("1 1 1", models.Calls);
        Assert.Equal("degraded", Assert.Single(exhausted.GetMeasurementSnapshot()).Tags["agenthosting.fallback.result"]);
        Assert.Equal(EventIds.LastResortUsed, models.Logs.LatestRecord.Id.Id);
    }

    [Fact]
    public async Task Stream_AllProvidersFail_MarksTheFirstUpdate()
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), ScriptedTurn.Fail(503), ScriptedTurn.Fail(503));
        using var client = models.Build(options => options.LastResortMessage = "Later.");

        var updates = await client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToListAsync(Token);

        Assert.True(updates[0].IsDegraded());
        Assert.Equal("Later.", updates[0].Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_OurOwnRefusals_AreNotHiddenBehindIt(bool streaming)
    {
        var refused = ScriptedTurn.Fail(new AgentRequestRejectedException("over budget"));
        using var models = new FallbackFixture(refused, refused, refused);
        using var exhausted = new MetricCollector<long>(models.Services.GetRequiredService<IMeterFactory>(), AgentHostingDiagnostics.MeterName, "agenthosting.fallback.exhausted");
        using var client = models.Build(options => options.LastResortMessage = "Sorry.");

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));

        Assert.IsType<AgentRequestRejectedException>(exception.InnerException);
        Assert.Equal("failed", Assert.Single(exhausted.GetMeasurementSnapshot()).Tags["agenthosting.fallback.result"]);
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(400, false)]
    public async Task Call_RefusalAfterAProvidersFailure_CountsAsTheProviders(int status, bool degrades)
    {
        var refused = ScriptedTurn.Fail(new AgentRequestRejectedException("no budget for a retry", new ProviderException(status)));
        using var models = new FallbackFixture(refused, refused, refused);
        using var client = models.Build(options => options.LastResortMessage = "Sorry.");

        var exception = await Record.ExceptionAsync(() => client.CallAsync(streaming: false));

        Assert.Equal(degrades, exception is null);
    }

    [Fact]
    public async Task Call_AllCircuitsOpen_Answers()
    {
        using var models = new FallbackFixture(
            _ => ScriptedTurn.Fail(503),
            _ => ScriptedTurn.Fail(503),
            _ => ScriptedTurn.Fail(503),
            perModel: (client, services) => client.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions { MinimumCalls = 1 }).Build(services));
        using var client = models.Build(options => options.LastResortMessage = "Sorry.");

        await client.CallAsync(streaming: false);
        var response = await client.CallAsync(streaming: false);

        Assert.True(response.IsDegraded());
        Assert.Equal("1 1 1", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void IsDegraded_Unmarked_IsFalse(bool marked)
    {
        var properties = new AdditionalPropertiesDictionary { [DegradedResponse.PropertyName] = marked };

        Assert.Equal(marked, new ChatResponse { AdditionalProperties = properties }.IsDegraded());
        Assert.Equal(marked, new ChatResponseUpdate { AdditionalProperties = properties }.IsDegraded());
        Assert.False(new ChatResponse().IsDegraded());
    }
}
