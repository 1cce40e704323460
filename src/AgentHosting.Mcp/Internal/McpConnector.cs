using System.Net;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>Starts or reaches a server and agrees on the protocol. The server may ask for nothing: no sampling, no elicitation, no folders.</summary>
internal sealed partial class McpConnector(string server, ILoggerFactory loggerFactory, TimeProvider timeProvider)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger<McpConnector>();

    public async Task<McpSession> ConnectAsync(McpServerOptions options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        McpSession? session = null;
        var early = false;
        var clientOptions = new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "AgentHosting", Version = typeof(McpConnector).Assembly.GetName().Version?.ToString(3) ?? "0" },
            InitializationTimeout = options.ConnectTimeout,
            Handlers = new McpClientHandlers
            {
                NotificationHandlers =
                [
                    new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                    {
                        // It may come before the handshake returns.
                        Volatile.Write(ref early, true);
                        Volatile.Read(ref session)?.MarkStale();
                        return default;
                    }),
                ],
            },
        };
        try
        {
            var client = await CreateAsync(options, clientOptions, either.Token);
            Volatile.Write(ref session, new McpSession(client));
            if (Volatile.Read(ref early))
            {
                session.MarkStale();
            }

            return session;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The MCP server '{server}' did not answer within {options.ConnectTimeout}.", exception);
        }
    }

    private async Task<McpClient> CreateAsync(McpServerOptions options, McpClientOptions clientOptions, CancellationToken cancellationToken)
    {
        if (options.Url is null)
        {
            return await McpClient.CreateAsync(new McpProcessTransport(Stdio(options)), clientOptions, loggerFactory, cancellationToken);
        }

        var handler = options.CreateHttpHandler?.Invoke() ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.All, PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        // The transport has no end of its own to wait for; calls have their time limits, and streams stay open.
        var http = new HttpClient(new McpSessionHandler(handler)) { Timeout = Timeout.InfiniteTimeSpan };
        var transport = new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Endpoint = options.Url,
                Name = server,
                AdditionalHeaders = new Dictionary<string, string>(options.Headers, StringComparer.OrdinalIgnoreCase),
                ConnectionTimeout = options.ConnectTimeout,
            },
            http,
            loggerFactory,
            ownsHttpClient: true);
        try
        {
            return await McpClient.CreateAsync(transport, clientOptions, loggerFactory, cancellationToken);
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    private StdioClientTransport Stdio(McpServerOptions options)
    {
        var environment = new Dictionary<string, string?>(options.Environment, StringComparer.Ordinal);
        if (!options.InheritEnvironment)
        {
            foreach (var (key, value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables())
            {
                environment.TryAdd(key, value);
            }
        }

        return new StdioClientTransport(
            new StdioClientTransportOptions
            {
                Command = options.Command!,
                Arguments = [.. options.Arguments],
                Name = server,
                WorkingDirectory = options.WorkingDirectory,
                InheritEnvironmentVariables = options.InheritEnvironment,
                EnvironmentVariables = environment,
                ShutdownTimeout = options.ShutdownTimeout,
                StandardErrorLines = line => LogOutput(_logger, server, line),
            },
            loggerFactory);
    }

    [LoggerMessage(McpEventIds.ServerOutput, LogLevel.Debug, "MCP server '{Server}' wrote: {Line}", EventName = "McpServerOutput")]
    private static partial void LogOutput(ILogger logger, string server, string line);
}
