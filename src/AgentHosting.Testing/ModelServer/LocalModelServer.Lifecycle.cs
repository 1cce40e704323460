using System.Net;
using AgentHosting.Testing.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Testing;

public sealed partial class LocalModelServer
{
    private const long MaxRequestBytes = 256L * 1024 * 1024;

    /// <summary>Starts to listen. After <see cref="StopAsync"/> it may be called again and takes the same port, as a provider that comes back.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="InvalidOperationException">The server is running.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _lifecycle.WaitAsync(cancellationToken);
        try
        {
            if (_app is not null)
            {
                throw new InvalidOperationException($"The server already listens at {Endpoint}. Call StopAsync before a second StartAsync.");
            }

            var stopping = new CancellationTokenSource();
            var app = Build(stopping.Token);
            try
            {
                await app.StartAsync(cancellationToken);
            }
            catch
            {
                await app.DisposeAsync();
                stopping.Dispose();
                throw;
            }

            (_app, _stopping) = (app, stopping);
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            Volatile.Write(ref _port, new Uri(addresses.Single()).Port);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Stops to listen and resets what is in flight. Does nothing when the server is not running.</summary>
    /// <param name="cancellationToken">Ends the orderly part of the stop.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _lifecycle.WaitAsync(cancellationToken);
        try
        {
            if (_app is not { } app || _stopping is not { } stopping)
            {
                return;
            }

            (_app, _stopping) = (null, null);
            await stopping.CancelAsync();
            await app.StopAsync(cancellationToken);
            await app.DisposeAsync();
            stopping.Dispose();
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Stops the server.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <remarks>
    /// The empty builder reads neither environment variables nor settings files, so nothing outside this method can add an address to listen on.
    /// </remarks>
    private WebApplication Build(CancellationToken stopping)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // The default lifetime would take Ctrl+C and SIGTERM away from the process that runs the test.
        builder.Services.AddSingleton<IHostLifetime, PassiveHostLifetime>();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        // A flush then ends when the bytes are with the operating system, so that a reset after N chunks cannot drop the chunks before it.
        builder.Services.Configure<SocketTransportOptions>(static options => options.MaxWriteBufferSize = 1);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            // A scripted stall or a slow reader is no attack.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, _port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(CountConnectionAsync);
            });
        });
        var app = builder.Build();
        app.Run(context => HandleAsync(context, stopping));
        return app;
    }

    private async Task CountConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        _log.Update(() => Interlocked.Increment(ref _openConnections));
        try
        {
            await next(connection);
        }
        finally
        {
            _log.Update(() => Interlocked.Decrement(ref _openConnections));
        }
    }
}
