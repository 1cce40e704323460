using AgentHosting.Fallbacks;
using AgentHosting.Testing;

namespace AgentHosting.Core.Tests.Fallbacks;

/// <summary>A callback that throws neither hides the error of the model nor goes unseen.</summary>
public sealed class FallbackCallbackTests
{
    private const string Fault = "bug";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ShouldHandle_Throws_GivesTheErrorOfTheModel(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503));
        using var client = models.Build(options => options.ShouldHandle = static _ => throw new FormatException(Fault));

        var exception = await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));

        Assert.Equal((503, "1 0 0"), ((int)exception.StatusCode!, models.Calls));
        Assert.IsType<FormatException>(Assert.Single(models.Logs.GetSnapshot(), static record => record.Id.Id == 1505).Exception);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ShouldHandle_ThrowsAboutTheSecondModel_TellsOfBoth(bool streaming)
    {
        var asked = 0;
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), ScriptedTurn.Fail(500));
        using var client = models.Build(options => options.ShouldHandle = _ => ++asked == 1 ? true : throw new FormatException(Fault));

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming));

        Assert.Equal(["a", "b"], exception.Attempts.Select(static attempt => attempt.Model));
        Assert.Equal(503, (int)Assert.IsType<ScriptedHttpException>(exception.InnerException).StatusCode!);
        Assert.Equal("1 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnFallback_Throws_GivesTheErrorOfTheModel(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503));
        using var client = models.Build(options =>
        {
            options.LastResortMessage = "not the error of the model";
            options.OnFallback = static (_, _) => throw new FormatException(Fault);
        });

        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));

        Assert.Equal("1 0 0", models.Calls);
        var record = Assert.Single(models.Logs.GetSnapshot(), static record => record.Id.Id is 1500 or 1505);
        Assert.Equal(1505, record.Id.Id);
        Assert.IsType<FormatException>(record.Exception);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnFallback_ThrowsAsTheCallerCancels_IsACancellation(bool streaming)
    {
        using var cancel = new CancellationTokenSource();
        using var models = new FallbackFixture(ScriptedTurn.Fail(503));
        using var client = models.Build(options => options.OnFallback = async (_, _) =>
        {
            await cancel.CancelAsync();
            throw new FormatException(Fault);
        });

        await Assert.ThrowsAsync<OperationCanceledException>(() => client.CallAsync(streaming, cancellationToken: cancel.Token));

        Assert.Equal("1 0 0", models.Calls);
        Assert.DoesNotContain(models.Logs.GetSnapshot(), static record => record.Id.Id == 1505);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ShouldHandle_ThrowsWhileAHedgeIsAtWork_TheHedgeAnswers(bool streaming)
    {
        using var models = new FallbackFixture(
            ScriptedTurn.Fail(503).WithDelay(TimeSpan.FromHours(1)), ScriptedTurn.Text("from b").WithDelay(TimeSpan.FromHours(10)));
        using var client = models.Build(options =>
        {
            options.HedgeAfter = TimeSpan.FromSeconds(1);
            options.ShouldHandle = static _ => throw new FormatException(Fault);
        });

        var call = client.CallAsync(streaming);
        await AdvanceUntilAsync(models, TimeSpan.FromSeconds(1), () => models.B.CallCount == 1);
        await AdvanceUntilAsync(models, TimeSpan.FromMinutes(10), () => call.IsCompleted);

        Assert.Equal("from b", (await call).Text);
        Assert.Equal("1 1 0", models.Calls);
        Assert.Single(models.Logs.GetSnapshot(), static record => record.Id.Id == 1505);
    }

    // Whether a delay stands on the clock already cannot be seen, so one step forward may come too early.
    private static async Task AdvanceUntilAsync(FallbackFixture models, TimeSpan step, Func<bool> condition)
    {
        while (!condition())
        {
            models.Clock.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
