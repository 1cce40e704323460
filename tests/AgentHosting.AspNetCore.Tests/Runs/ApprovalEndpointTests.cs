using System.Net;
using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.Runs;

public sealed class ApprovalEndpointTests
{
    private static readonly (string Name, string Value) Ann = (TestAuthenticationHandler.Header, "sub=ann");
    private static readonly (string Name, string Value) Eve = (TestAuthenticationHandler.Header, "sub=eve");
    private static readonly (string Name, string Value) Boss = (TestAuthenticationHandler.Header, "sub=boss, role=finance");
    private static readonly (string Name, string Value) Red = ("X-Tenant", "red");
    private int _transfers;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Approvals_Answer_IsAcceptedRepeatedAndTheOppositeIsNot(bool approved, int transfers)
    {
        await using var app = await StartAsync();
        var (id, request) = await UntilWaitingAsync(app);
        var body = $$"""{"request_id":"{{request}}","approved":{{(approved ? "true" : "false")}},"reason":"because"}""";
        using var accepted = await app.PostAsync("/agent/approvals/" + id, body);
        using var repeated = await app.PostAsync("/agent/approvals/" + id, body);
        using var opposite = await app.PostAsync("/agent/approvals/" + id, $$"""{"request_id":"{{request}}","approved":{{(approved ? "false" : "true")}}}""");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (accepted.StatusCode, repeated.StatusCode));
        Assert.Equal(id, (await TestApp.ReadAsync(accepted)).GetProperty("task_id").GetString());
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, opposite);
        var status = await app.WaitAsync(id);
        Assert.Equal(("completed", transfers), (status.GetProperty("status").GetString(), _transfers));
        Assert.False(status.TryGetProperty("waiting_for", out _));
        Assert.Equal(["model", "approval", "tool", "model"], status.GetProperty("steps").EnumerateArray().Select(static step => step.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Status_WaitingRun_SaysForWhat()
    {
        await using var app = await StartAsync();
        var (id, request) = await UntilWaitingAsync(app);
        var status = await ReadStatusAsync(app, id);

        Assert.Equal("waiting", status.GetProperty("status").GetString());
        var wait = Assert.Single(status.GetProperty("waiting_for").EnumerateArray());
        Assert.Equal(
            (request, "approval", "1.0/approval", "transfer", 5),
            (wait.GetProperty("request_id").GetString(), wait.GetProperty("kind").GetString(), wait.GetProperty("step").GetString(), wait.GetProperty("name").GetString(), wait.GetProperty("arguments").GetProperty("amount").GetInt32()));
        Assert.True(wait.GetProperty("expires_at").GetDateTimeOffset() > TimeProvider.System.GetUtcNow());
    }

    [Theory]
    [InlineData("""{}""", "request_id", "approved")]
    [InlineData("""{"request_id":5,"approved":"yes"}""", "request_id", "approved")]
    [InlineData("""{"request_id":"r","approved":true,"user":"x"}""", "user")]
    [InlineData("[]", "$")]
    [InlineData("{", "$")]
    public async Task Approvals_BadBody_NamesTheField(string body, params string[] fields)
    {
        await using var app = await StartAsync();
        using var response = await app.PostAsync("/agent/approvals/run_0_x", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var errors = (await TestApp.ReadAsync(response)).GetProperty("errors");
        Assert.All(fields, field => Assert.True(errors.TryGetProperty(field, out _), errors.ToString()));
    }

    [Fact]
    public async Task Approvals_UnknownRunOrRequest_AreNotFound()
    {
        await using var app = await StartAsync();
        var (id, request) = await UntilWaitingAsync(app);
        using var noRun = await app.PostAsync("/agent/approvals/run_0_x", $$"""{"request_id":"{{request}}","approved":true}""");
        using var noRequest = await app.PostAsync("/agent/approvals/" + id, """{"request_id":"apr_0","approved":true}""");

        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, noRun);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, noRequest);
        Assert.Equal(0, _transfers);
    }

    [Fact]
    public async Task Approvals_OfSomebodyElse_AreNotFoundAndTheOwnerMayAnswer()
    {
        await using var app = await StartAsync();
        var (id, request) = await UntilWaitingAsync(app, Ann);
        var body = $$"""{"request_id":"{{request}}","approved":true}""";
        using var stranger = await app.PostAsync("/agent/approvals/" + id, body, Eve);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, stranger);
        using var owner = await app.PostAsync("/agent/approvals/" + id, body, Ann);

        Assert.Equal(HttpStatusCode.Accepted, owner.StatusCode);
    }

    [Fact]
    public async Task Approvals_NamedPolicy_OnlyWhoSatisfiesItAnswers()
    {
        await using var app = await StartAsync("finance");
        var (id, request) = await UntilWaitingAsync(app, Ann);
        var body = $$"""{"request_id":"{{request}}","approved":true}""";
        using var owner = await app.PostAsync("/agent/approvals/" + id, body, Ann);
        using var stranger = await app.PostAsync("/agent/approvals/" + id, body, Eve);
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, owner);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, stranger);
        Assert.Equal("waiting", (await ReadStatusAsync(app, id, Ann)).GetProperty("status").GetString());
        using var boss = await app.PostAsync("/agent/approvals/" + id, body, Boss);

        Assert.Equal(HttpStatusCode.Accepted, boss.StatusCode);
        await app.App.Services.GetRequiredService<IAgentRunClient>().WaitAsync(id, Token);
        Assert.Equal(1, _transfers);
        using var late = await app.PostAsync("/agent/approvals/" + id, body, Eve);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, late);
        // The answer may have been lost on its way, so that it is sent again.
        using var again = await app.PostAsync("/agent/approvals/" + id, body, Boss);
        using var opposite = await app.PostAsync("/agent/approvals/" + id, body.Replace("true", "false", StringComparison.Ordinal), Boss);
        using var stillOwner = await app.PostAsync("/agent/approvals/" + id, body, Ann);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, opposite);
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, stillOwner);
    }

    [Fact]
    public async Task Approvals_NamedPolicyInAnotherTenant_IsNotFound()
    {
        await using var app = await StartAsync("finance");
        var (id, request) = await UntilWaitingAsync(app, Ann, Red);
        var body = $$"""{"request_id":"{{request}}","approved":true}""";
        using var other = await app.PostAsync("/agent/approvals/" + id, body, Boss, ("X-Tenant", "blue"));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, other);
        Assert.Equal("waiting", (await ReadStatusAsync(app, id, Ann, Red)).GetProperty("status").GetString());
        // Who has no tenant stands outside of all of them, and the policy alone decides.
        using var outside = await app.PostAsync("/agent/approvals/" + id, body, Boss);

        Assert.Equal(HttpStatusCode.Accepted, outside.StatusCode);
    }

    [Fact]
    public async Task Run_SessionWaits_IsAConflictThatNamesTheRun()
    {
        await using var app = await StartAsync();
        var (id, request) = await UntilWaitingAsync(app);
        using var response = await app.PostAsync("/agent/run", """{"message":"hello?","agent":"payer","session_id":"s"}""");

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.Conflict, response);
        Assert.Equal((id, request), (problem.GetProperty("task_id").GetString(), problem.GetProperty("request_id").GetString()));
    }

    private Task<TestApp> StartAsync(string? approver = null)
    {
        var transfer = AIFunctionFactory.Create((int amount) => Interlocked.Increment(ref _transfers), "transfer");
        return TestApp.StartAsync(
            new ScriptedChatClient(ScriptedTurn.ToolCall("transfer", """{"amount":5}""", "c0"), ScriptedTurn.Text("done")),
            services =>
            {
                TestAuthenticationHandler.Add(services);
                services.AddAuthorizationBuilder().AddPolicy("finance", static policy => policy.RequireClaim("role", "finance"));
                services.AddAgentHosting().AddAgent("payer", agent => agent.WithTool(transfer, options => (options.Risk, options.Approver) = (ToolRisk.High, approver)));
            },
            map: static app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapAgentHosting(static options =>
                {
                    options.TenantIdSelector = static context => context.Request.Headers["X-Tenant"];
                    options.AllowUnauthenticated();
                });
            });
    }

    private static async Task<(string Id, string Request)> UntilWaitingAsync(TestApp app, params (string Name, string Value)[] headers)
    {
        var id = await app.SubmitAsync("""{"message":"pay bob","agent":"payer","session_id":"s"}""", headers);
        await foreach (var told in app.App.Services.GetRequiredService<IAgentRunClient>().WatchAsync(id, 0, Token))
        {
            if (told.Type == AgentRunEventTypes.RunWaiting)
            {
                break;
            }
        }

        return (id, (await ReadStatusAsync(app, id, headers)).GetProperty("waiting_for")[0].GetProperty("request_id").GetString()!);
    }

    private static async Task<JsonElement> ReadStatusAsync(TestApp app, string id, params (string Name, string Value)[] headers)
    {
        using var response = await app.GetAsync("/agent/status/" + id, headers);
        return await TestApp.ReadAsync(response);
    }
}
