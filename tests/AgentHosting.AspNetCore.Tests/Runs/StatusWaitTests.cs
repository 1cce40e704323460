using System.Net;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.AspNetCore.Tests.Runs;

/// <summary><c>?wait=</c> on a status.</summary>
public sealed class StatusWaitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("60.5")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("-Infinity")]
    [InlineData("-%E2%88%9E")]
    [InlineData("")]
    [InlineData("1&wait=2")]
    public async Task Status_BadWait_NamesTheField(string wait)
    {
        await using var app = await TestApp.StartAsync();
        using var response = await app.GetAsync($"/agent/status/run_0_x?wait={wait}");

        await ProblemAssert.IsInvalidAsync(response, "wait");
    }

    [Fact]
    public async Task Status_WaitForUnknownOrEndedRun_AnswersAtOnce()
    {
        await using var app = await TestApp.StartAsync();
        using var unknown = await app.GetAsync("/agent/status/run_0_x?wait=60");
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, unknown);
        var id = await app.SubmitAsync("""{"message":"Hi"}""");
        await app.WaitAsync(id);
        using var ended = await app.GetAsync($"/agent/status/{id}?wait=60");

        Assert.Equal("completed", (await TestApp.ReadAsync(ended)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Status_RunEndsWhileItIsWaitedFor_AnswersEarly()
    {
        var gate = new TaskCompletionSource();
        var wait = AIFunctionFactory.Create(() => gate.Task, "wait");
        await using var app = await StartAsync(wait, ToolRisk.Low);
        var id = await app.SubmitAsync("""{"message":"Hi","agent":"tooled"}""");
        var answer = app.GetAsync($"/agent/status/{id}?wait=60");
        gate.SetResult();
        using var response = await answer;

        Assert.Equal("completed", (await TestApp.ReadAsync(response)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Status_RunBeginsToWait_AnswersEarly()
    {
        await using var app = await StartAsync(AIFunctionFactory.Create(() => "paid", "wait"), ToolRisk.High);
        var id = await app.SubmitAsync("""{"message":"Hi","agent":"tooled"}""");
        using var response = await app.GetAsync($"/agent/status/{id}?wait=60");

        var status = await TestApp.ReadAsync(response);
        Assert.Equal("waiting", status.GetProperty("status").GetString());
        Assert.Single(status.GetProperty("waiting_for").EnumerateArray());
    }

    [Fact]
    public async Task Status_TimeIsUp_AnswersHowTheRunStands()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var begun = new TaskCompletionSource();
        var stay = AIFunctionFactory.Create(
            async (CancellationToken token) =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            },
            "wait");
        await using var app = await StartAsync(stay, ToolRisk.Low, time);
        var id = await app.SubmitAsync("""{"message":"Hi","agent":"tooled"}""");
        await begun.Task.WaitAsync(Token);
        var answer = app.GetAsync($"/agent/status/{id}?wait=5");
        for (var i = 0; i < 1000 && !answer.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            // Slowly: a request or a renewal that is late by seconds must not be so by the lease of the run.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }

        using var response = await answer;
        Assert.Equal("processing", (await TestApp.ReadAsync(response)).GetProperty("status").GetString());
    }

    private static Task<TestApp> StartAsync(AIFunction tool, ToolRisk risk, TimeProvider? time = null) => TestApp.StartAsync(
        new ScriptedChatClient(ScriptedTurn.ToolCall("wait", "{}", "c0"), ScriptedTurn.Text("done")),
        services =>
        {
            services.AddAgentHosting().AddAgent("tooled", agent => agent.WithTool(tool, options => options.Risk = risk));
            if (time is not null)
            {
                services.AddSingleton(time);
            }
        });
}
