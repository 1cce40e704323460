using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Fallbacks;

/// <summary>Calls whose history the provider keeps: another model would see the new turn only.</summary>
public sealed class FallbackConversationTests
{
    private static readonly TimeSpan _hedgeAfter = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, false, true)]
    public async Task Call_ModelWithTheHistoryFails_NoOtherIsTriedAndTheErrorSaysWhy(bool continues, bool hedges, bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503));
        using var client = models.Build(options => options.HedgeAfter = hedges ? _hedgeAfter : null);

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming, WithHistory(continues)));

        Assert.Equal("1 0 0", models.Calls);
        Assert.Equal("a", Assert.Single(exception.Attempts).Model);
        Assert.IsType<ScriptedHttpException>(exception.InnerException);
        Assert.Equal(["b", "c"], exception.Skipped.Keys.Order());
        Assert.All(exception.Skipped.Values, reason => Assert.Contains("FallbackOptions.FallBackWithoutHistory", reason, StringComparison.Ordinal));
        Assert.StartsWith("The model failed: 'a' (Transient: ScriptedHttpException). Not tried: 'b': ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_ModelWithTheHistoryIsSlow_IsNotHedged(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 2));
        using var client = models.Build(options => options.HedgeAfter = _hedgeAfter);

        var call = client.CallAsync(streaming, WithHistory(continues: false));
        await models.A.WaitForRequestsAsync(1, Token);
        while (!call.IsCompleted)
        {
            models.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token));
        }

        Assert.Equal("from a", (await call).Text);
        Assert.Equal("1 0 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_BadRequest_IsTheProvidersOwnError(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(400));
        using var client = models.Build();

        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming, WithHistory(continues: false)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_AllowedToFallBackWithoutHistory_OtherModelGetsNoConversationIdAndTheCallersOptionsStay(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503));
        using var client = models.Build(static options => options.FallBackWithoutHistory = true);
        var options = new ChatOptions { ConversationId = "thread-1", ModelId = "a", Temperature = 0.5f };

        await client.CallAsync(streaming, options);

        Assert.Equal("thread-1", models.A.Requests[0].Options!.ConversationId);
        Assert.Null(models.B.Requests[0].Options!.ConversationId);
        Assert.Equal(0.5f, models.B.Requests[0].Options!.Temperature);
        Assert.Equal(("thread-1", "a"), (options.ConversationId, options.ModelId));
    }

    private static ChatOptions WithHistory(bool continues)
    {
#pragma warning disable MEAI001 // Experimental: what a provider keeps under it is tested, not the type.
        return continues
            ? new ChatOptions { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }) }
            : new ChatOptions { ConversationId = "thread-1" };
#pragma warning restore MEAI001
    }
}
