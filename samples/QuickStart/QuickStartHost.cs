using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace QuickStart;

/// <summary>What has nothing to do with agents: where files are, the default address, the lines in the log.</summary>
internal static class QuickStartHost
{
    private const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>Creates the builder. Files are looked up beside the program, so it may be started from any folder.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        return builder;
    }

    /// <summary>Logs the model, and a line to try, once the address is known.</summary>
    public static void LogHowToTry(this WebApplication app, string model) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? DefaultUrl;
        app.Logger.LogInformation("The model is {Model}.", model);
        app.Logger.LogInformation(
            "Try: curl -N {Address}/agent/stream -H 'Content-Type: application/json' -d '{Body}'",
            address,
            """{"message":"How long is the warranty, and what is 3 * 49.90?"}""");
    });
}
