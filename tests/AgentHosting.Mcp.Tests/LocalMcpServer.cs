using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentHosting.Mcp.Tests;

/// <summary>An MCP server over HTTP whose tools and faults a test sets while it runs.</summary>
internal sealed class LocalMcpServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, bool> _forgotten = new();
    private readonly ConcurrentBag<McpServer> _sessions = [];
    private readonly ConcurrentDictionary<HttpContext, bool> _open = new();
    private int _lists;
    private int _calls;

    private LocalMcpServer(WebApplication app) => _app = app;

    /// <summary>The tools offered: name, description, schema.</summary>
    public List<Tool> Tools { get; } = [];

    /// <summary>Answers a call.</summary>
    public Func<CallToolRequestParams, CancellationToken, ValueTask<CallToolResult>> OnCall { get; set; } =
        static (request, _) => ValueTask.FromResult(TextResult($"{request.Name} called"));

    /// <summary>Answers a request for the tools, instead of all of <see cref="Tools"/> at once, when set.</summary>
    public Func<ListToolsRequestParams?, ValueTask<ListToolsResult>>? OnList { get; set; }

    /// <summary>Answers requests instead of the server, by status, when set.</summary>
    public int? Status { get; set; }

    public int Lists => Volatile.Read(ref _lists);

    public int Calls => Volatile.Read(ref _calls);

    public ConcurrentDictionary<string, bool> SessionIds { get; } = new();

    public Uri Url => new($"{_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/mcp");

    public static CallToolResult TextResult(string text) => new() { Content = [new TextContentBlock { Text = text }] };

    public static Tool Tool(string name, string description = "Does a thing.", string schema = """{"type":"object","properties":{}}""") =>
        new() { Name = name, Description = description, InputSchema = JsonDocument.Parse(schema).RootElement };

    public static async Task<LocalMcpServer> StartAsync(params Tool[] tools)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        LocalMcpServer? server = null;
        builder.Services.AddMcpServer(options => options.Capabilities = new ServerCapabilities { Tools = new ToolsCapability { ListChanged = true } })
            .WithHttpTransport(options => options.SessionMode = HttpServerSessionMode.Stateful)
            .WithListToolsHandler((request, _) =>
            {
                Interlocked.Increment(ref server!._lists);
                server._sessions.Add(request.Server);
                return server.OnList?.Invoke(request.Params) ?? ValueTask.FromResult(new ListToolsResult { Tools = [.. server.Tools] });
            })
            .WithCallToolHandler((request, token) =>
            {
                Interlocked.Increment(ref server!._calls);
                return server.OnCall(request.Params!, token);
            });
        var app = builder.Build();
        server = new LocalMcpServer(app);
        server.Tools.AddRange(tools);
        app.Use(server.InterceptAsync);
        app.MapMcp("/mcp");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Breaks all connections that wait for an answer.</summary>
    public void AbortAll()
    {
        foreach (var request in _open.Keys)
        {
            request.Abort();
        }
    }

    /// <summary>Answers 404 to all sessions there are, as the protocol asks of a server that has forgotten them.</summary>
    public void ForgetSessions()
    {
        foreach (var id in SessionIds.Keys)
        {
            _forgotten[id] = true;
        }
    }

    /// <summary>Tells the clients that the tools have changed.</summary>
    public async Task NotifyAsync()
    {
        foreach (var session in _sessions.Distinct())
        {
            await session.SendNotificationAsync(NotificationMethods.ToolListChangedNotification, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Streams that are open end with the process that holds them, which is this one.
            Assert.True(now.IsCancellationRequested);
        }

        await _app.DisposeAsync();
    }

    private async Task InterceptAsync(HttpContext context, RequestDelegate next)
    {
        if (Status is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        if (context.Request.Headers["Mcp-Session-Id"].FirstOrDefault() is { } id)
        {
            SessionIds[id] = true;
            if (_forgotten.ContainsKey(id))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
        }

        _open[context] = true;
        try
        {
            await next(context);
        }
        finally
        {
            _open.TryRemove(context, out _);
        }
    }
}
