using System.Net;
using System.Text.Json;
using AgentHosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.Runs;

public sealed class RunEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_ValidRequest_AnswersAsTheContractSays()
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.PostAsync("/agent/run", """{"message":"Hi"}""");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        var body = await TestApp.ReadAsync(response);
        Assert.Equal(["task_id", "status"], body.EnumerateObject().Select(property => property.Name));
        Assert.Equal("processing", body.GetProperty("status").GetString());
        Assert.Equal($"/agent/status/{body.GetProperty("task_id").GetString()}", response.Headers.Location!.OriginalString);
        Assert.Equal("1", response.Headers.RetryAfter!.ToString());
        Assert.False(response.Headers.Contains("Idempotency-Replayed"));
        using var status = await app.GetAsync(response.Headers.Location.OriginalString);
        Assert.Equal(HttpStatusCode.OK, status.StatusCode);
    }

    [Fact]
    public async Task Run_EveryField_ReachesTheRun()
    {
        await using var app = await TestApp.StartAsync();

        var id = await app.SubmitAsync(
            """{"message":"Grüße 👋","user_id":"alice","session_id":"s1","agent":"assistant","priority":7,"delay":0.5,"on_busy":"reject","metadata":{"a":"1"}}""");

        var run = (await app.App.Services.GetRequiredService<AgentHosting.Runs.IAgentRunClient>().GetAsync(id, Token))!;
        Assert.Equal(("Grüße 👋", "alice", "s1", "assistant", 7), (run.Message, run.Identity.UserId, run.SessionId, run.Agent, run.Priority));
        Assert.Equal("1", run.Metadata["a"]);
    }

    [Fact]
    public async Task Run_NullsAndByteOrderMark_AreAccepted()
    {
        await using var app = await TestApp.StartAsync();

        _ = await app.SubmitAsync("\uFEFF" + """{"message":"Hi","user_id":null,"session_id":null,"agent":null,"priority":null,"delay":null,"on_busy":null,"metadata":null}""");
    }

    [Fact]
    public async Task Status_CompletedRun_HasEveryFieldOfTheContract()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("add", """{"a":2,"b":3}""").WithUsage(100, 20), ScriptedTurn.Text("It is 5.").WithUsage(200, 30, cached: 50, reasoning: 10));
        await using var app = await TestApp.StartAsync(
            model, services => services.AddAgentHosting().AddAgent("calc", agent => agent.WithTool(AIFunctionFactory.Create((int a, int b) => a + b, "add"))));

        var id = await app.SubmitAsync("""{"message":"2 + 3?","agent":"calc","session_id":"s"}""");
        var status = await app.WaitAsync(id);

        Assert.Equal(
            ["task_id", "agent", "status", "result", "usage", "cost", "attempts", "steps", "session_id", "created_at", "started_at", "completed_at"],
            status.EnumerateObject().Select(property => property.Name));
        Assert.Equal(id, status.GetProperty("task_id").GetString());
        Assert.Equal("calc", status.GetProperty("agent").GetString());
        Assert.Equal("completed", status.GetProperty("status").GetString());
        Assert.Equal("It is 5.", status.GetProperty("result").GetString());
        Assert.Equal("""{"input_tokens":300,"output_tokens":50,"cached_input_tokens":50,"reasoning_tokens":10,"total_tokens":350}""", status.GetProperty("usage").GetRawText());
        Assert.Equal(JsonValueKind.Number, status.GetProperty("cost").ValueKind);
        Assert.Equal(0.0004m, status.GetProperty("cost").GetDecimal());
        Assert.Equal(1, status.GetProperty("attempts").GetInt32());
        Assert.Equal("s", status.GetProperty("session_id").GetString());
        Assert.Equal(
            [
                """{"key":"1","kind":"model","name":"calc","model":"mini","tokens":120,"cost":0.00014,"replayed":false}""",
                """{"key":"1.0","kind":"tool","name":"add","replayed":false}""",
                """{"key":"2","kind":"model","name":"calc","model":"mini","tokens":230,"cost":0.00026,"replayed":false}""",
            ],
            status.GetProperty("steps").EnumerateArray().Select(step => step.GetRawText()));
        Assert.Equal(TimeSpan.Zero, status.GetProperty("created_at").GetDateTimeOffset().Offset);
        Assert.True(status.GetProperty("created_at").GetDateTimeOffset() <= status.GetProperty("completed_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Status_FailedRun_HasCodeAndMessageAndNoResult()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(400, "no"));
        await using var app = await TestApp.StartAsync(
            model, services => services.AddAgentHosting().AddAgent("once", agent => agent.Configure(options => options.MaxAttempts = 1)));

        var status = await app.WaitAsync(await app.SubmitAsync("""{"message":"Hi","agent":"once"}"""));

        Assert.Equal("failed", status.GetProperty("status").GetString());
        Assert.Equal("model_call_failed", status.GetProperty("error").GetProperty("code").GetString());
        Assert.NotEmpty(status.GetProperty("error").GetProperty("message").GetString()!);
        Assert.False(status.TryGetProperty("result", out _));
    }

    [Fact]
    public async Task Cancel_QueuedRun_EndsItAndASecondTimeConflicts()
    {
        await using var app = await TestApp.StartAsync();
        var id = await app.SubmitAsync("""{"message":"Hi","delay":3600}""");

        using var first = await app.PostAsync($"/agent/cancel/{id}", "");
        using var second = await app.PostAsync($"/agent/cancel/{id}", "");

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal($$"""{"task_id":"{{id}}","status":"cancelled"}""", await first.Content.ReadAsStringAsync(Token));
        Assert.Equal(id, (await ProblemAssert.IsAsync(HttpStatusCode.Conflict, second)).GetProperty("task_id").GetString());
        Assert.Equal("cancelled", (await app.WaitAsync(id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Cancel_RunningRun_IsRequestedAndHappens()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Stream("a", "b").StallAfter(1));
        await using var app = await TestApp.StartAsync(model);
        var id = await app.SubmitAsync("""{"message":"Hi"}""");
        await model.WaitForRequestsAsync(1, Token);

        using var response = await app.SendAsync(HttpMethod.Post, $"/agent/cancel/{id}", null);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("processing", (await TestApp.ReadAsync(response)).GetProperty("status").GetString());
        Assert.Equal("cancelled", (await app.WaitAsync(id)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("GET", "/agent/status/run_0_none")]
    [InlineData("GET", "/agent/status/..%2f..%2fetc")]
    [InlineData("GET", "/agent/events/run_0_none")]
    [InlineData("GET", "/agent/events/x")]
    [InlineData("POST", "/agent/cancel/run_0_none")]
    public async Task AnyRead_UnknownRun_IsNotFound(string method, string path)
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.SendAsync(new HttpMethod(method), path, null);

        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, response);
    }

    [Theory]
    [InlineData("GET", "/agent/run")]
    [InlineData("PUT", "/agent/run")]
    [InlineData("HEAD", "/agent/status/x")]
    [InlineData("POST", "/agent/status/x")]
    [InlineData("DELETE", "/agent/events/x")]
    [InlineData("GET", "/agent/stream")]
    [InlineData("GET", "/agent/cancel/x")]
    [InlineData("POST", "/health")]
    public async Task AnyPath_WrongMethod_IsNotAllowed(string method, string path)
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.SendAsync(new HttpMethod(method), path, null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Run_SameIdempotencyKey_ReplaysTheFirstRun()
    {
        await using var app = await TestApp.StartAsync();
        var id = await app.SubmitAsync("""{"message":"Hi"}""", ("Idempotency-Key", "k1"));

        using var again = await app.PostAsync("/agent/run", """{"message":"Hi"}""", ("Idempotency-Key", "k1"));
        using var other = await app.PostAsync("/agent/run", """{"message":"Other"}""", ("Idempotency-Key", "k1"));

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal($$"""{"task_id":"{{id}}","status":"processing"}""", await again.Content.ReadAsStringAsync(Token));
        await ProblemAssert.IsAsync(HttpStatusCode.UnprocessableEntity, other);
    }

    [Fact]
    public async Task Run_BusySessionAndReject_ConflictsWithTheBusyTask()
    {
        await using var app = await TestApp.StartAsync();
        var id = await app.SubmitAsync("""{"message":"Hi","session_id":"s","delay":3600}""");

        using var response = await app.PostAsync("/agent/run", """{"message":"Hi","session_id":"s","on_busy":"reject"}""");

        Assert.Equal(id, (await ProblemAssert.IsAsync(HttpStatusCode.Conflict, response)).GetProperty("task_id").GetString());
    }

    [Fact]
    public async Task Run_PathBasePrefixAndGroup_LocationLeadsToTheStatus()
    {
        await using var app = await TestApp.StartAsync(map: mapped =>
        {
            mapped.UsePathBase("/base");
            mapped.UseRouting();
            mapped.MapGroup("/v1").MapAgentHosting(options => options.Prefix = "/bots");
        });

        using var response = await app.PostAsync("/base/v1/bots/run/", """{"message":"Hi"}""");

        var location = response.Headers.Location!.OriginalString;
        Assert.StartsWith("/base/v1/bots/status/run_", location, StringComparison.Ordinal);
        using var status = await app.GetAsync(location);
        Assert.Equal(HttpStatusCode.OK, status.StatusCode);
    }

    [Fact]
    public async Task Map_TwicePerApplication_BothWork()
    {
        await using var app = await TestApp.StartAsync(map: mapped =>
        {
            mapped.MapAgentHosting();
            mapped.MapAgentHosting(options => (options.Prefix, options.HealthPath) = ("/internal/agent", null));
        });

        using var first = await app.PostAsync("/agent/run", """{"message":"Hi"}""");
        using var second = await app.PostAsync("/internal/agent/run", """{"message":"Hi"}""");

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
    }
}
