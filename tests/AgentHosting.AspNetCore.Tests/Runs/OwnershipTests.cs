using System.Net;
using System.Security.Claims;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.Runs;

public sealed class OwnershipTests
{
    private static readonly (string Name, string Value) Alice = (TestAuthenticationHandler.Header, "sub=alice, role=admin, role=staff, email=a@example.org, secret=x");
    private static readonly (string Name, string Value) Bob = (TestAuthenticationHandler.Header, "sub=bob");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_Authenticated_BelongsToThePrincipalWithItsChosenClaims()
    {
        await using var app = await StartAsync();

        var run = await GetRunAsync(app, await app.SubmitAsync("""{"message":"Hi"}""", Alice));

        Assert.Equal("alice", run.Identity.UserId);
        Assert.Null(run.Identity.TenantId);
        Assert.Equal([("role", "admin"), ("role", "staff"), ("email", "a@example.org")], run.Identity.Claims.Select(claim => (claim.Type, claim.Value)));
    }

    [Fact]
    public async Task Run_ClaimUris_TravelToo()
    {
        await using var app = await StartAsync(options => options.ClaimTypes.Add("secret"));

        var run = await GetRunAsync(app, await app.SubmitAsync("""{"message":"Hi"}""", (TestAuthenticationHandler.Header, $"{ClaimTypes.NameIdentifier}=id, {ClaimTypes.Role}=admin, secret=x")));

        Assert.Equal("id", run.Identity.UserId);
        Assert.Equal([(ClaimTypes.Role, "admin"), ("secret", "x")], run.Identity.Claims.Select(claim => (claim.Type, claim.Value)));
    }

    [Theory]
    [InlineData(null, "sub=s, " + ClaimTypes.NameIdentifier + "=n, " + ClaimTypes.Name + "=m", "n")]
    [InlineData(null, ClaimTypes.Name + "=m, sub=s", "s")]
    [InlineData(null, ClaimTypes.Name + "=m", "m")]
    [InlineData("oid", "sub=s, oid=o", "o")]
    public async Task Run_UserIdClaim_IsTheConfiguredOneOrTheFirstKnown(string? claimType, string claims, string userId)
    {
        await using var app = await StartAsync(options => options.UserIdClaimType = claimType);

        Assert.Equal(userId, (await GetRunAsync(app, await app.SubmitAsync("""{"message":"Hi"}""", (TestAuthenticationHandler.Header, claims)))).Identity.UserId);
    }

    [Fact]
    public async Task AnyCall_AuthenticatedWithoutUserId_IsForbidden()
    {
        await using var app = await StartAsync(options => options.UserIdClaimType = "oid");
        var anonymous = await app.SubmitAsync("""{"message":"Hi"}""");

        using var run = await app.PostAsync("/agent/run", """{"message":"Hi"}""", Alice);
        using var status = await app.GetAsync($"/agent/status/{anonymous}", Alice);

        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, run);
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, status);
    }

    [Theory]
    [InlineData("/agent/run")]
    [InlineData("/agent/stream")]
    public async Task Submit_AuthenticatedForSomebodyElse_IsForbidden(string path)
    {
        await using var app = await StartAsync();

        using var other = await app.PostAsync(path, """{"message":"Hi","user_id":"bob"}""", Alice);
        using var own = await app.PostAsync(path, """{"message":"Hi","user_id":"alice"}""", Alice);

        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, other);
        Assert.True(own.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("GET", "/agent/status/")]
    [InlineData("GET", "/agent/events/")]
    [InlineData("POST", "/agent/cancel/")]
    public async Task AnyRead_Authenticated_SeesOnlyOwnRuns(string method, string path)
    {
        await using var app = await StartAsync();
        var alices = await app.SubmitAsync("""{"message":"Hi","delay":3600}""", Alice);
        var nobodys = await app.SubmitAsync("""{"message":"Hi","delay":3600}""");

        using var bob = await app.SendAsync(new HttpMethod(method), path + alices, null, Bob);
        using var bobAsAlice = await app.SendAsync(new HttpMethod(method), $"{path}{alices}?user_id=alice", null, Bob);
        using var bobOfNobody = await app.SendAsync(new HttpMethod(method), path + nobodys, null, Bob);
        using var unknown = await app.SendAsync(new HttpMethod(method), path + "run_0_none", null, Bob);
        using var alice = await app.SendAsync(new HttpMethod(method), path + alices, null, Alice);

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.NotFound, bob);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, bobAsAlice);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, bobOfNobody);
        Assert.Equal(problem.GetRawText(), (await ProblemAssert.IsAsync(HttpStatusCode.NotFound, unknown)).GetRawText());
        Assert.True(alice.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("GET", "/agent/status/")]
    [InlineData("GET", "/agent/events/")]
    [InlineData("POST", "/agent/cancel/")]
    public async Task AnyRead_NotAuthenticated_SeesARunUnlessItSaysItIsSomebodyElse(string method, string path)
    {
        await using var app = await StartAsync();
        var alices = await app.SubmitAsync("""{"message":"Hi","user_id":"alice","delay":3600}""");
        var nobodys = await app.SubmitAsync("""{"message":"Hi","delay":3600}""");

        using var other = await app.SendAsync(new HttpMethod(method), $"{path}{alices}?user_id=bob", null);
        using var otherOfNobody = await app.SendAsync(new HttpMethod(method), $"{path}{nobodys}?user_id=bob", null);
        using var two = await app.SendAsync(new HttpMethod(method), $"{path}{alices}?user_id=alice&user_id=bob", null);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, other);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, otherOfNobody);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, two);

        using var own = await app.SendAsync(new HttpMethod(method), $"{path}{alices}?user_id=alice", null);
        using var absent = await app.SendAsync(new HttpMethod(method), path + nobodys, null);
        Assert.True(own.IsSuccessStatusCode);
        Assert.True(absent.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Run_NotAuthenticated_BelongsToTheBodysUserOrAnonymous()
    {
        await using var app = await StartAsync();

        Assert.Equal("carol", (await GetRunAsync(app, await app.SubmitAsync("""{"message":"Hi","user_id":"carol"}"""))).Identity.UserId);
        Assert.Equal("anonymous", (await GetRunAsync(app, await app.SubmitAsync("""{"message":"Hi"}"""))).Identity.UserId);
    }

    [Fact]
    public async Task Tenants_SameUserIdInTwo_DoNotSeeEachOther()
    {
        await using var app = await StartAsync(options => options.TenantIdSelector = context => context.Request.Headers["X-Tenant"]);
        var id = await app.SubmitAsync("""{"message":"Hi","delay":3600}""", Alice, ("X-Tenant", "red"));

        using var own = await app.GetAsync($"/agent/status/{id}", Alice, ("X-Tenant", "red"));
        using var other = await app.GetAsync($"/agent/status/{id}", Alice, ("X-Tenant", "blue"));
        using var none = await app.GetAsync($"/agent/status/{id}", Alice);

        Assert.Equal("red", (await GetRunAsync(app, id)).Identity.TenantId);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, other);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, none);
    }

    [Fact]
    public async Task Run_AuthorizationRequired_ChallengesStrangersAndLeavesHealthOpen()
    {
        await using var app = await TestApp.StartAsync(services: TestAuthenticationHandler.Add, map: mapped =>
        {
            UseAuthentication(mapped);
            mapped.MapAgentHosting().RequireAuthorization();
        });

        using var stranger = await app.PostAsync("/agent/run", """{"message":"Hi"}""");
        using var health = await app.GetAsync("/health");

        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        _ = await app.SubmitAsync("""{"message":"Hi"}""", Alice);
    }

    private static Task<TestApp> StartAsync(Action<AgentEndpointOptions>? endpoints = null) => TestApp.StartAsync(services: TestAuthenticationHandler.Add, map: mapped =>
    {
        UseAuthentication(mapped);
        mapped.MapAgentHosting(endpoints);
    });

    private static void UseAuthentication(WebApplication app)
    {
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    private static async Task<AgentRun> GetRunAsync(TestApp app, string id) => (await app.App.Services.GetRequiredService<IAgentRunClient>().GetAsync(id, Token))!;
}
