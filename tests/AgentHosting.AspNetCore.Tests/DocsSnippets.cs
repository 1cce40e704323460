using AgentHosting.PayloadProtection;
using AgentHosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests;

/// <summary>The code that docs/aspnetcore.md shows, run as tests.</summary>
public sealed class DocsSnippets
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Minimal_Starts()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var chatClient = new ScriptedChatClient(ScriptedTurn.Text("Hello"));

        #region minimal
        builder.Services.AddAgentHosting()
            .AddModel("mini", _ => chatClient)
            .AddAgent("assistant", agent => agent.WithInstructions("You are a helpful assistant."));

        var app = builder.Build();
        app.MapAgentHosting(options => options.AllowUnauthenticatedOnLoopback());
        #endregion

        await using (app)
        {
            await app.StartAsync(Token);
            await app.StopAsync(Token);
        }
    }

    [Fact]
    public void DataProtection_IsRegistered()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        #region data-protection
        builder.Services.AddDataProtection()
            .SetApplicationName("support")
            .PersistKeysToFileSystem(new DirectoryInfo("/mnt/keys"));
        builder.Services.AddAgentHosting()
            .UseDataProtection();
        #endregion

        using var services = builder.Services.BuildServiceProvider();
        Assert.NotNull(services.GetService<IPayloadProtector>());
    }

    [Fact]
    public async Task Authenticated_Starts()
    {
        await using var app = TestApp.Build(services: TestAuthenticationHandler.Add, map: MapAuthenticated, environment: "Production");
        await app.StartAsync(Token);
        await app.StopAsync(Token);
    }

    private static void MapAuthenticated(WebApplication app)
    {
        #region authenticated
        app.MapAgentHosting(options =>
        {
            options.UserIdClaimType = "sub";
            options.TenantIdSelector = context => context.User.FindFirst("tenant")?.Value;
            options.ClaimTypes.Add("department");
        }).RequireAuthorization();
        #endregion
    }
}
