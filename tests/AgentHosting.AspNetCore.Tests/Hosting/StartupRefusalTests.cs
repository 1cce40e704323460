using System.Net;
using AgentHosting.AspNetCore.Internal;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace AgentHosting.AspNetCore.Tests.Hosting;

public sealed class StartupRefusalTests
{
    private const string NotAuthenticated = "do not ask for authentication";
    private const string NotLoopback = "allows loopback addresses only";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production", "none", NotAuthenticated)]
    [InlineData("Production", "group-none", NotAuthenticated)]
    [InlineData("Production", "required", null)]
    [InlineData("Production", "group-required", null)]
    [InlineData("Production", "policy", null)]
    [InlineData("Production", "fallback", null)]
    [InlineData("Production", "fallback-anonymous", NotAuthenticated)]
    [InlineData("Production", "required-anonymous", NotAuthenticated)]
    [InlineData("Production", "allowed", null)]
    [InlineData("Production", "loopback", null)]
    [InlineData("Development", "none", null)]
    [InlineData("Development", "required-anonymous", null)]
    [InlineData("Development", "loopback", null)]
    [InlineData("Staging", "none", null)]
    public async Task Start_Matrix_RefusesWhatIsOpenByMistake(string environment, string mapping, string? refusal)
    {
        var logs = new FakeLogCollector();
        await using var app = Build(environment, mapping, logs);

        if (refusal is not null)
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Token));
            Assert.Contains(refusal, exception.Message, StringComparison.Ordinal);
            Assert.Contains("/agent/run'", exception.Message, StringComparison.Ordinal);
            Assert.Contains("RequireAuthorization()", exception.Message, StringComparison.Ordinal);
            Assert.Contains("AllowUnauthenticated()", exception.Message, StringComparison.Ordinal);
            Assert.Contains("AllowUnauthenticatedOnLoopback()", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("/health", exception.Message, StringComparison.Ordinal);
            return;
        }

        await app.StartAsync(Token);
        var isWarned = logs.GetSnapshot().Any(record => record.Id.Id == EventIds.UnauthenticatedEndpoints && record.Level == LogLevel.Warning);
        Assert.Equal(environment != "Production" && mapping is "none" or "required-anonymous", isWarned);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var content = new StringContent("""{"message":"Hi"}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("/agent/run", content, Token);
        Assert.Equal(mapping is "required" or "group-required" or "policy" or "fallback" ? HttpStatusCode.Unauthorized : HttpStatusCode.Accepted, response.StatusCode);
        await app.StopAsync(Token);
    }

    [Fact]
    public async Task Start_RefusedBeforeTheServerBinds_NeverListens()
    {
        await using var app = Build("Production", "none", new FakeLogCollector());

        await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Token));

        // Binding replaces port 0 by a real one.
        Assert.Equal(["http://127.0.0.1:0"], app.Urls);
    }

    [Fact]
    public async Task Start_RefusedInAGroup_ServesNothingThoughItListens()
    {
        await using var app = Build("Production", "group-none", new FakeLogCollector());
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Token));
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var response = await http.GetAsync("/v1/agent/status/x", Token);

        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, response);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://127.8.9.10:0", true)]
    [InlineData("http://[::1]:0", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("https://LOCALHOST:5001/path", true)]
    [InlineData("http://[::ffff:127.0.0.1]:80", true)]
    [InlineData("http://unix:/tmp/agents.sock", true)]
    [InlineData("http://pipe:/agents", true)]
    [InlineData("http://0.0.0.0:80", false)]
    [InlineData("http://[::]:80", false)]
    [InlineData("http://*:80", false)]
    [InlineData("http://+:80", false)]
    [InlineData("http://10.1.2.3:80", false)]
    [InlineData("http://192.168.0.1", false)]
    [InlineData("http://[fe80::1]:80", false)]
    [InlineData("http://localhost.example.org:80", false)]
    [InlineData("http://127.0.0.1.example.org:80", false)]
    [InlineData("http://example.org", false)]
    [InlineData("nonsense", false)]
    public void IsLoopback_Address_IsTold(string address, bool loopback) => Assert.Equal(loopback, LoopbackAddresses.IsLoopback(address));

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    public async Task Start_LoopbackAllowanceButOtherConfiguredAddress_IsRefusedBeforeBinding(string url)
    {
        await using var app = TestApp.Build(endpoints: options => options.AllowUnauthenticatedOnLoopback(), environment: "Development", url: url);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Token));

        Assert.Contains(NotLoopback, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{url}'", exception.Message, StringComparison.Ordinal);
        Assert.Equal([url], app.Urls);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Start_LoopbackAllowanceButOtherBoundAddress_IsRefusedAfterBinding(string environment)
    {
        // The server reports an address that no configuration named, as one does that was told in code where to listen.
        await using var app = TestApp.Build(
            services: services => services.AddSingleton<IServer>(new ReportingServer("http://192.0.2.1:8080")),
            endpoints: options => options.AllowUnauthenticatedOnLoopback(),
            environment: environment,
            url: "");

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Token));

        Assert.Contains(NotLoopback, exception.Message, StringComparison.Ordinal);
        Assert.Contains("'http://192.0.2.1:8080'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_LoopbackAllowanceUnusedBecauseAuthorized_MayListenAnywhere()
    {
        await using var app = TestApp.Build(
            services: services =>
            {
                TestAuthenticationHandler.Add(services);
                services.AddSingleton<IServer>(new ReportingServer("http://192.0.2.1:8080"));
            },
            map: mapped => mapped.MapAgentHosting(options => options.AllowUnauthenticatedOnLoopback()).RequireAuthorization(),
            environment: "Production",
            url: "");

        await app.StartAsync(Token);
        await app.StopAsync(Token);
    }

    [Theory]
    [InlineData("10.1.2.3", HttpStatusCode.Forbidden)]
    [InlineData("::1", HttpStatusCode.Accepted)]
    [InlineData(null, HttpStatusCode.Accepted)]
    public async Task Request_LoopbackAllowance_IsServedOnLoopbackOnly(string? localAddress, HttpStatusCode status)
    {
        await using var app = await TestApp.StartAsync(map: mapped =>
        {
            mapped.Use((context, next) =>
            {
                context.Connection.LocalIpAddress = localAddress is null ? null : IPAddress.Parse(localAddress);
                return next(context);
            });
            mapped.UseRouting();
            mapped.MapAgentHosting(options => options.AllowUnauthenticatedOnLoopback());
        });

        using var response = await app.PostAsync("/agent/run", """{"message":"Hi"}""");

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Start_NoAgent_SaysWhatToCall()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddAgentHosting();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapAgentHosting(options => options.AllowUnauthenticatedOnLoopback());

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("AddAgent(\"name\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_WithoutServices_NamesTheLineToAdd()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        using IHost app = builder.Build();

        var exception = Assert.Throws<InvalidOperationException>(() => ((WebApplication)app).MapAgentHosting());

        Assert.Contains("builder.Services.AddAgentHosting();", exception.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(string environment, string mapping, FakeLogCollector logs) => TestApp.Build(
        services: services =>
        {
            services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(logs));
            TestAuthenticationHandler.Add(services);
            if (mapping.StartsWith("fallback", StringComparison.Ordinal))
            {
                services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            }
        },
        map: app =>
        {
            app.UseRouting();
            app.UseAuthentication();
            app.UseAuthorization();
            switch (mapping)
            {
                case "required":
                    app.MapAgentHosting().RequireAuthorization();
                    break;
                case "group-required":
                    var group = app.MapGroup("/");
                    group.MapAgentHosting();
                    group.RequireAuthorization();
                    break;
                case "group-none":
                    app.MapGroup("/v1").MapAgentHosting();
                    break;
                case "policy":
                    app.MapAgentHosting().RequireAuthorization(policy => policy.RequireAuthenticatedUser());
                    break;
                case "required-anonymous":
                    app.MapAgentHosting().RequireAuthorization().AllowAnonymous();
                    break;
                case "fallback-anonymous":
                    app.MapAgentHosting().AllowAnonymous();
                    break;
                case "allowed":
                    app.MapAgentHosting(options => options.AllowUnauthenticated());
                    break;
                case "loopback":
                    app.MapAgentHosting(options => options.AllowUnauthenticatedOnLoopback());
                    break;
                default:
                    app.MapAgentHosting();
                    break;
            }
        },
        environment: environment);

    /// <summary>Listens nowhere, and says after its start that it listens at one address.</summary>
    private sealed class ReportingServer : IServer
    {
        private readonly string _address;

        public ReportingServer(string address)
        {
            _address = address;
            Features.Set<IServerAddressesFeature>(new ServerAddressesFeature());
        }

        public Microsoft.AspNetCore.Http.Features.IFeatureCollection Features { get; } = new Microsoft.AspNetCore.Http.Features.FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull
        {
            Features.Get<IServerAddressesFeature>()!.Addresses.Add(_address);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
