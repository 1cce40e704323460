using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Fallbacks;

/// <summary>What a failure or the caller's cancellation means to the models that are at work beside it.</summary>
public sealed class FallbackHedgingFailureTests
{
    private static readonly TimeSpan _hedgeAfter = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_HedgeFailsForGood_FirstModelStillAnswers(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 2), ScriptedTurn.Fail(404));
        using var client = Build(models);

        var call = await HedgedAsync(models, client, streaming);
        await AdvanceUntilAsync(models, call);

        Assert.Equal("from a", (await call).Text);
        Assert.Equal("1 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_FirstModelFailsForGoodBesideAHedge_HedgeStillAnswers(bool streaming)
    {
        using var models = new FallbackFixture(
            ScriptedTurn.Fail(400).WithDelay(_hedgeAfter * 2), ScriptedTurn.Text("from b").WithDelay(_hedgeAfter * 4));
        using var client = Build(models);

        var call = await HedgedAsync(models, client, streaming);
        await AdvanceUntilAsync(models, call);

        Assert.Equal("from b", (await call).Text);
        Assert.Equal("1 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_HedgeFailsForGoodAndThenTheFirst_NoThirdIsTriedAndTheFirstModelsErrorIsTold(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503).WithDelay(_hedgeAfter * 2), ScriptedTurn.Fail(404));
        using var client = Build(models);

        var call = await HedgedAsync(models, client, streaming);
        await models.B.WaitForIdleAsync(Token);
        await AdvanceUntilAsync(models, call);

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => call);
        Assert.Equal(["b", "a"], exception.Attempts.Select(attempt => attempt.Model));
        Assert.Equal(503, (int)Assert.IsType<ScriptedHttpException>(exception.InnerException).StatusCode!);
        Assert.Equal("1 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CancelledBeforeTheDelayAndTheClientIsDeaf_EndsAtOnceAndNoHedgeIsStarted(bool streaming)
    {
        using var models = Deaf(ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 2));
        using var client = Build(models);
        using var cancel = new CancellationTokenSource();

        var call = client.CallAsync(streaming, cancellationToken: cancel.Token);
        await models.A.WaitForRequestsAsync(1, Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(20), Token));
        await AdvanceUntilAsync(models, models.IdleAsync());
        Assert.Equal("1 0 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CancelledBesideAHedgeAndTheClientsAreDeaf_EndsAtOnce(bool streaming)
    {
        using var models = Deaf(ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 4), ScriptedTurn.Text("from b").WithDelay(_hedgeAfter * 4));
        using var client = Build(models);
        using var cancel = new CancellationTokenSource();

        var call = await HedgedAsync(models, client, streaming, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(20), Token));
        await AdvanceUntilAsync(models, models.IdleAsync());
        Assert.Equal("1 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Call_CancelledWhileOnFallbackRuns_NextModelIsNotStarted(bool hedges, bool streaming)
    {
        using var models = Deaf(ScriptedTurn.Fail(503));
        using var cancel = new CancellationTokenSource();
        using var client = models.Build(options =>
        {
            options.HedgeAfter = hedges ? _hedgeAfter : null;
            options.OnFallback = async (_, _) => await cancel.CancelAsync();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CallAsync(streaming, cancellationToken: cancel.Token));
        Assert.Equal("1 0 0", models.Calls);
    }

    private static async Task<Task<ChatResponse>> HedgedAsync(
        FallbackFixture models, IChatClient client, bool streaming, CancellationToken? cancellationToken = null)
    {
        var call = client.CallAsync(streaming, cancellationToken: cancellationToken);
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);
        await models.B.WaitForRequestsAsync(1, Token);
        return call;
    }

    // A request is recorded a moment before its delay stands on the clock, so one step forward may come too early.
    private static async Task AdvanceUntilAsync(FallbackFixture models, Task task)
    {
        while (!task.IsCompleted)
        {
            models.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token));
        }
    }

    private static FallbackFixture Deaf(ScriptedTurn a, ScriptedTurn? b = null) =>
        new(_ => a, _ => b ?? ScriptedTurn.Text("from b"), _ => ScriptedTurn.Text("from c"), perModel: static (client, _) => new DeafChatClient(client));

    private static IChatClient Build(FallbackFixture models) => models.Build(options => options.HedgeAfter = _hedgeAfter);
}
