using System.Net;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.AspNetCore.Tests.Health;

public sealed class HealthEndpointTests
{
    private const string AllHealthy = """{"status":"healthy","checks":[{"name":"store","status":"healthy"},{"name":"host","status":"healthy"}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/health", """{"status":"healthy"}""")]
    [InlineData("/health/live", """{"status":"healthy"}""")]
    [InlineData("/health/ready", AllHealthy)]
    public async Task Health_AllIsWell_SaysSo(string path, string body)
    {
        await using var app = await TestApp.StartAsync();

        await AssertAsync(app, path, HttpStatusCode.OK, body);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_Head_IsTheStatusAlone(string path)
    {
        await using var app = await TestApp.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await app.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task Health_StoreFails_IsUnhealthyWithoutDetails()
    {
        await using var app = await TestApp.StartAsync(services: services => RunStoreProxy.Decorate(
            services, (method, _) => method.Name == "GetStatisticsAsync" ? throw new InvalidOperationException("password=hunter2") : null));

        await AssertAsync(app, "/health", HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy"}""");
        await AssertAsync(
            app,
            "/health/ready",
            HttpStatusCode.ServiceUnavailable,
            """{"status":"unhealthy","checks":[{"name":"store","status":"unhealthy","reason":"The run store cannot be reached."},{"name":"host","status":"healthy"}]}""");
        await AssertAsync(app, "/health/live", HttpStatusCode.OK, """{"status":"healthy"}""");
    }

    [Fact]
    public async Task Health_StoreHangs_IsUnhealthyAfterTheTimeout()
    {
        var clock = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var hang = new TaskCompletionSource<RunStoreStatistics>();
        await using var app = await TestApp.StartAsync(services: services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            RunStoreProxy.Decorate(services, (method, _) =>
            {
                if (method.Name != "GetStatisticsAsync")
                {
                    return null;
                }

                asked.TrySetResult();
                return new ValueTask<RunStoreStatistics>(hang.Task);
            });
        });

        var ready = app.GetAsync("/health/ready");
        await asked.Task.WaitAsync(Token);
        clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(ready.IsCompleted);
        while (!ready.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(ready, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }

        using var response = await ready;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("The run store does not answer in time.", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_HostStops_IsDraining()
    {
        await using var app = await TestApp.StartAsync();

        app.App.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await AssertAsync(app, "/health", HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy"}""");
        await AssertAsync(
            app,
            "/health/ready",
            HttpStatusCode.ServiceUnavailable,
            """{"status":"unhealthy","checks":[{"name":"store","status":"healthy"},{"name":"host","status":"unhealthy","reason":"draining"}]}""");
        await AssertAsync(app, "/health/live", HttpStatusCode.OK, """{"status":"healthy"}""");
    }

    [Fact]
    public async Task Health_PathChangedOrNull_IsMappedThereOrNowhere()
    {
        await using var moved = await TestApp.StartAsync(endpoints: options => options.HealthPath = "/healthz");
        await using var none = await TestApp.StartAsync(endpoints: options => options.HealthPath = null);

        await AssertAsync(moved, "/healthz/ready", HttpStatusCode.OK, AllHealthy);
        using var response = await none.GetAsync("/health");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Health_FallbackPolicy_StaysOpen()
    {
        await using var app = await TestApp.StartAsync(
            services: services =>
            {
                TestAuthenticationHandler.Add(services);
                services.AddAuthorizationBuilder().SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            map: mapped =>
            {
                mapped.UseRouting();
                mapped.UseAuthentication();
                mapped.UseAuthorization();
                mapped.MapAgentHosting();
            });

        await AssertAsync(app, "/health", HttpStatusCode.OK, """{"status":"healthy"}""");
        using var run = await app.PostAsync("/agent/run", """{"message":"Hi"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, run.StatusCode);
    }

    private static async Task AssertAsync(TestApp app, string path, HttpStatusCode status, string body)
    {
        using var response = await app.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(Token));
    }
}
