using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Providers.Tests;

/// <summary>A provider on the loopback interface that answers every request with one status, some headers and a body.</summary>
internal sealed class StatusServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private StatusServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public int Calls => Volatile.Read(ref _calls);

    public static async Task<StatusServer> StartAsync(int status, string body, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new StatusServer(builder.Build());
        server._app.Run(async context =>
        {
            Interlocked.Increment(ref server._calls);
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            foreach (var (name, value) in headers)
            {
                context.Response.Headers[name] = value;
            }

            await context.Response.WriteAsync(body, context.RequestAborted);
        });
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
