using System.Net;
using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.Runs;

/// <summary>What a client does with conversations: reads and erases them, and speaks into one that is busy.</summary>
public sealed class SessionEndpointTests
{
    private static readonly (string Name, string Value) Ann = (TestAuthenticationHandler.Header, "sub=ann");
    private static readonly (string Name, string Value) Eve = (TestAuthenticationHandler.Header, "sub=eve");
    private const string Secret = "bob@example.org";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_ConversationWithATool_IsRolesAndContentsFilteredLikeEvents()
    {
        await using var app = await StartAsync(ScriptedTurn.ToolCall("look", $$"""{"who":"{{Secret}}"}""", "c0"), ScriptedTurn.Text("Found."));
        var id = await app.SubmitAsync("""{"message":"Look","agent":"seer","session_id":"a/b ü"}""", Ann);
        await app.App.Services.GetRequiredService<IAgentRunClient>().WaitAsync(id, Token);

        using var response = await app.GetAsync("/agent/sessions/a%2Fb%20%C3%BC", Ann);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await TestApp.ReadAsync(response);
        Assert.Equal(("a/b ü", 1), (body.GetProperty("session_id").GetString(), body.GetProperty("version").GetInt32()));
        var messages = body.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(["user Look", "assistant ", "tool seen", "assistant Found."], messages.Select(Line));
        Assert.All(messages, message => Assert.Equal(id, message.GetProperty("task_id").GetString()));
        var call = Assert.Single(messages[1].GetProperty("tool_calls").EnumerateArray());
        Assert.Equal(("c0", "look"), (call.GetProperty("call_id").GetString(), call.GetProperty("name").GetString()));
        Assert.Equal("c0", messages[2].GetProperty("call_id").GetString());
        Assert.NotEmpty(call.GetProperty("arguments").GetProperty("who").GetString()!);
        Assert.DoesNotContain(Secret, body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAndDelete_IdWithAnEscapeInIt_IsNotTheOneThatTheEscapeStandsFor()
    {
        await using var app = await StartAsync(ScriptedTurn.Text("Hello."), ScriptedTurn.Text("Hello."));
        foreach (var session in new[] { "a/b", "a%2Fb" })
        {
            var id = await app.SubmitAsync($$"""{"message":"Hi","session_id":"{{session}}"}""", Ann);
            await app.App.Services.GetRequiredService<IAgentRunClient>().WaitAsync(id, Token);
        }

        using var erased = await app.SendAsync(HttpMethod.Delete, "/agent/sessions/a%252Fb?x=1", null, Ann);
        using var gone = await app.GetAsync("/agent/sessions/a%252Fb", Ann);
        using var other = await app.GetAsync("/agent/sessions/a%2Fb", Ann);

        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, gone);
        Assert.Equal("a/b", (await TestApp.ReadAsync(other)).GetProperty("session_id").GetString());
    }

    [Fact]
    public async Task GetAndDelete_OfSomebodyElse_AreNotFound()
    {
        await using var app = await StartAsync(ScriptedTurn.Text("Hello."));
        var id = await app.SubmitAsync("""{"message":"Hi","session_id":"s"}""", Ann);
        await app.App.Services.GetRequiredService<IAgentRunClient>().WaitAsync(id, Token);

        foreach (var (path, headers) in new[] { ("/agent/sessions/s", new[] { Eve }), ("/agent/sessions/s?user_id=ann", [Eve]), ("/agent/sessions/s", []), ("/agent/sessions/s?user_id=eve", []), ("/agent/sessions/other", [Ann]) })
        {
            using var read = await app.GetAsync(path, headers);
            using var erased = await app.SendAsync(HttpMethod.Delete, path, null, headers);
            await ProblemAssert.IsAsync(HttpStatusCode.NotFound, read);
            await ProblemAssert.IsAsync(HttpStatusCode.NotFound, erased);
        }

        // Without authentication the user is whom the request names, as for runs.
        using var named = await app.GetAsync("/agent/sessions/s?user_id=ann");
        Assert.Equal(HttpStatusCode.OK, named.StatusCode);
    }

    [Fact]
    public async Task Delete_BusyThenIdle_IsAConflictThenGone()
    {
        await using var app = await StartAsync(ScriptedTurn.Stream("to", "k").StallAfter(1), ScriptedTurn.Text("Anew."));
        var id = await app.SubmitAsync("""{"message":"Hi","session_id":"s"}""");
        using var busy = await app.SendAsync(HttpMethod.Delete, "/agent/sessions/s", null);
        Assert.Equal("session_busy", (await ProblemAssert.IsAsync(HttpStatusCode.Conflict, busy)).GetProperty("code").GetString());
        await UntilTextAsync(app, id);
        using var cancelled = await app.PostAsync("/agent/cancel/" + id, "");
        await app.App.Services.GetRequiredService<IAgentRunClient>().WaitAsync(id, Token);
        using var kept = await app.GetAsync("/agent/sessions/s");
        var messages = (await TestApp.ReadAsync(kept)).GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(["user Hi", "assistant to"], messages.Select(Line));
        Assert.True(messages[1].GetProperty("interrupted").GetBoolean());

        using var deleted = await app.SendAsync(HttpMethod.Delete, "/agent/sessions/s", null);
        using var again = await app.SendAsync(HttpMethod.Delete, "/agent/sessions/s", null);
        using var read = await app.GetAsync("/agent/sessions/s");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, again);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, read);
    }

    [Theory]
    [InlineData("run", "enqueue", 202)]
    [InlineData("run", "reject", 409)]
    [InlineData("run", "interrupt", 202)]
    [InlineData("run", "rollback", 202)]
    [InlineData("stream", "enqueue", 200)]
    [InlineData("stream", "reject", 409)]
    [InlineData("stream", "interrupt", 200)]
    [InlineData("stream", "rollback", 200)]
    public async Task Submit_OnBusy_MeansTheSameOnRunAndStream(string path, string onBusy, int status)
    {
        await using var app = await StartAsync(ScriptedTurn.Stream("to", "k").StallAfter(1), ScriptedTurn.Text("Second."));
        var client = app.App.Services.GetRequiredService<IAgentRunClient>();
        var first = await app.SubmitAsync("""{"message":"one","session_id":"s"}""");
        await UntilTextAsync(app, first);
        var body = $$"""{"message":"two","session_id":"s","on_busy":"{{onBusy}}"}""";
        using var response = await app.PostAsync("/agent/" + path, body, ("Idempotency-Key", "k"));

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 409)
        {
            var problem = await ProblemAssert.IsAsync(HttpStatusCode.Conflict, response);
            Assert.Equal((first, "session_busy"), (problem.GetProperty("task_id").GetString(), problem.GetProperty("code").GetString()));
            return;
        }

        var second = response.Headers.Location!.ToString().Split('/')[^1];
        using var repeated = await app.PostAsync("/agent/" + path, body, ("Idempotency-Key", "k"));
        Assert.Equal(("true", second), (repeated.Headers.GetValues("Idempotency-Replayed").Single(), repeated.Headers.Location!.ToString().Split('/')[^1]));
        if (onBusy == "enqueue")
        {
            await client.CancelAsync(first, Token);
        }

        await client.WaitAsync(second, Token);
        using var session = await app.GetAsync("/agent/sessions/s");
        string[] expected = onBusy == "rollback" ? ["user two", "assistant Second."] : ["user one", "assistant to", "user two", "assistant Second."];
        Assert.Equal(expected, (await TestApp.ReadAsync(session)).GetProperty("messages").EnumerateArray().Select(Line));
        Assert.Equal(AgentRunStatus.Cancelled, (await client.GetAsync(first, Token))!.Status);
    }

    [Fact]
    public async Task Submit_RollbackOfARunWithEffects_IsAConflictThatSaysWhy()
    {
        var begun = new TaskCompletionSource();
        var pay = AIFunctionFactory.Create(
            async (CancellationToken token) =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            },
            "pay");
        await using var app = await TestApp.StartAsync(
            new ScriptedChatClient(ScriptedTurn.ToolCall("pay", "{}", "c0")), services => services.AddAgentHosting().AddAgent("payer", agent => agent.WithTool(pay)));
        var first = await app.SubmitAsync("""{"message":"one","session_id":"s","agent":"payer"}""");
        await begun.Task.WaitAsync(Token);
        using var response = await app.PostAsync("/agent/run", """{"message":"two","session_id":"s","on_busy":"rollback"}""");

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.Conflict, response);
        Assert.Equal((first, "rollback_refused"), (problem.GetProperty("task_id").GetString(), problem.GetProperty("code").GetString()));
        Assert.Contains("1.0", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static string Line(JsonElement message) => $"{message.GetProperty("role").GetString()} {message.GetProperty("content").GetString()}";

    private static async Task UntilTextAsync(TestApp app, string id)
    {
        await foreach (var told in app.App.Services.GetRequiredService<IAgentRunClient>().WatchAsync(id, 0, Token))
        {
            if (told.Type == AgentRunEventTypes.TextDelta)
            {
                return;
            }
        }
    }

    private static Task<TestApp> StartAsync(params ScriptedTurn[] turns) => TestApp.StartAsync(
        new ScriptedChatClient(turns),
        services =>
        {
            TestAuthenticationHandler.Add(services);
            services.AddAuthorization();
            services.AddAgentHosting().AddOutputGuard().AddAgent("seer", agent => agent.WithTool(AIFunctionFactory.Create((string who) => "seen", "look")));
        },
        map: static app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapAgentHosting(static options => options.AllowUnauthenticated());
        });
}
