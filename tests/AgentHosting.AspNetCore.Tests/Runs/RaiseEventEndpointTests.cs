using System.Net;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.Runs;

public sealed class RaiseEventEndpointTests
{
    private static readonly (string Name, string Value) Ann = (TestAuthenticationHandler.Header, "sub=ann");
    private static readonly (string Name, string Value) Eve = (TestAuthenticationHandler.Header, "sub=eve");
    private static readonly (string Name, string Value) Bank = (TestAuthenticationHandler.Header, "sub=bank, role=bank");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_RunWaits_IsAcceptedOnceAndTheRunGoesOn()
    {
        await using var app = await StartAsync();
        var id = await UntilWaitingAsync(app);
        using (var response = await app.GetAsync("/agent/status/" + id))
        {
            var wait = Assert.Single((await TestApp.ReadAsync(response)).GetProperty("waiting_for").EnumerateArray());
            Assert.Equal(("event", "paid", "s1"), (wait.GetProperty("kind").GetString(), wait.GetProperty("name").GetString(), wait.GetProperty("step").GetString()));
        }

        using var raised = await app.PostAsync("/agent/events/" + id, """{"name":"paid","payload":{"amount":5},"id":"i1"}""");
        Assert.Equal((HttpStatusCode.Accepted, id), (raised.StatusCode, (await TestApp.ReadAsync(raised)).GetProperty("task_id").GetString()));
        var status = await app.WaitAsync(id);
        using var again = await app.PostAsync("/agent/events/" + id, """{"name":"paid","payload":{"amount":5},"id":"i1"}""");
        using var late = await app.PostAsync("/agent/events/" + id, """{"name":"paid"}""");

        Assert.Equal(("completed", """{"amount":5}"""), (status.GetProperty("status").GetString(), status.GetProperty("result").GetString()));
        Assert.Equal("event", status.GetProperty("steps")[0].GetProperty("kind").GetString());
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, late);
    }

    [Fact]
    public async Task Events_MoreThanAreKept_IsAConflict()
    {
        await using var app = await StartAsync();
        var id = await UntilWaitingAsync(app);
        for (var i = 0; i < 100; i++)
        {
            using var kept = await app.PostAsync("/agent/events/" + id, """{"name":"other"}""");
            Assert.Equal(HttpStatusCode.Accepted, kept.StatusCode);
        }

        using var full = await app.PostAsync("/agent/events/" + id, """{"name":"other"}""");
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, full);
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":5,"id":7}""", "name", "id")]
    [InlineData("""{"name":" ","id":""}""", "name", "id")]
    [InlineData("""{"name":"paid","user":"x"}""", "user")]
    [InlineData("[]", "$")]
    public async Task Events_BadBody_NamesTheField(string body, params string[] fields)
    {
        await using var app = await StartAsync();
        using var response = await app.PostAsync("/agent/events/run_0_x", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var errors = (await TestApp.ReadAsync(response)).GetProperty("errors");
        Assert.All(fields, field => Assert.True(errors.TryGetProperty(field, out _), errors.ToString()));
    }

    [Fact]
    public async Task Events_OfSomebodyElse_AreNotFound()
    {
        await using var app = await StartAsync();
        var id = await UntilWaitingAsync(app, Ann);
        using var stranger = await app.PostAsync("/agent/events/" + id, """{"name":"paid"}""", Eve);
        using var unknown = await app.PostAsync("/agent/events/run_0_x", """{"name":"paid"}""", Ann);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, stranger);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, unknown);
        using var owner = await app.PostAsync("/agent/events/" + id, """{"name":"paid"}""", Ann);

        Assert.Equal(HttpStatusCode.Accepted, owner.StatusCode);
    }

    [Fact]
    public async Task Events_WithAPolicy_OnlyWhoSatisfiesItRaises()
    {
        await using var app = await StartAsync("bank");
        var id = await UntilWaitingAsync(app, Ann);
        using var owner = await app.PostAsync("/agent/events/" + id, """{"name":"paid"}""", Ann);
        using var stranger = await app.PostAsync("/agent/events/" + id, """{"name":"paid"}""", Eve);
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, owner);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, stranger);
        using var bank = await app.PostAsync("/agent/events/" + id, """{"name":"paid"}""", Bank);

        Assert.Equal(HttpStatusCode.Accepted, bank.StatusCode);
        Assert.Equal(AgentRunStatus.Succeeded, (await app.App.Services.GetRequiredService<IAgentRunClient>().WaitAsync(id, Token))!.Status);
    }

    [Fact]
    public async Task Events_WithAPolicyInAnotherTenant_AreNotFound()
    {
        await using var app = await StartAsync("bank");
        var id = await UntilWaitingAsync(app, Ann, ("X-Tenant", "red"));
        using var other = await app.PostAsync("/agent/events/" + id, """{"name":"paid"}""", Bank, ("X-Tenant", "blue"));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, other);
        // Who has no tenant stands outside of all of them, and the policy alone decides.
        using var outside = await app.PostAsync("/agent/events/" + id, """{"name":"paid","payload":1}""", Bank);

        Assert.Equal(HttpStatusCode.Accepted, outside.StatusCode);
    }

    private static Task<TestApp> StartAsync(string? policy = null) => TestApp.StartAsync(
        new ScriptedChatClient(ScriptedTurn.Text("done")),
        static services =>
        {
            TestAuthenticationHandler.Add(services);
            services.AddAuthorizationBuilder().AddPolicy("bank", static policy => policy.RequireClaim("role", "bank"));
            services.AddAgentHosting().AddAgent("coded", static agent => agent.RunsCode(
                static async (context, token) => (await context.WaitForEventAsync("paid", cancellationToken: token))!.Value.GetRawText()));
        },
        map: app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapAgentHosting(options =>
            {
                options.EventPolicy = policy;
                options.TenantIdSelector = static context => context.Request.Headers["X-Tenant"];
                options.AllowUnauthenticated();
            });
        });

    private static async Task<string> UntilWaitingAsync(TestApp app, params (string Name, string Value)[] headers)
    {
        var id = await app.SubmitAsync("""{"message":"go","agent":"coded"}""", headers);
        await foreach (var told in app.App.Services.GetRequiredService<IAgentRunClient>().WatchAsync(id, 0, Token))
        {
            if (told.Type == AgentRunEventTypes.RunWaiting)
            {
                break;
            }
        }

        return id;
    }
}
