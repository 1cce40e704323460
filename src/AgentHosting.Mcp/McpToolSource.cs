using System.Diagnostics.Metrics;
using AgentHosting.Agents;
using AgentHosting.CircuitBreakers;
using AgentHosting.Mcp.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ModelContextProtocol;

namespace AgentHosting.Mcp;

/// <summary>
/// The tools of one MCP server. Nothing is connected before the first use; then one connection serves all callers, and is made again when it is gone. In a host
/// it is made by <c>AddMcpServer</c>; without one, make it yourself and dispose it.
/// </summary>
public sealed partial class McpToolSource : IAgentToolSource, IAsyncDisposable
{
    private readonly Func<McpServerOptions> _options;
    private readonly McpConnection _connection;
    private readonly McpCircuit _circuit;
    private readonly McpToolList _list;
    private readonly McpMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private volatile bool _lastFailed;

    /// <summary>Describes a server.</summary>
    /// <param name="name">The name of the server, of letters, digits, <c>-</c> and <c>_</c>.</param>
    /// <param name="options">How it is reached. Not to be changed afterwards.</param>
    /// <param name="services">Where <see cref="IMcpToolPinStore"/>, <see cref="ICircuitBreakerStore"/>, <see cref="TimeProvider"/>, loggers and meters come from, if there are any.</param>
    /// <exception cref="ArgumentException">The name is of no use.</exception>
    /// <exception cref="OptionsValidationException">The options are wrong.</exception>
    public McpToolSource(string name, McpServerOptions options, IServiceProvider? services = null)
        : this(name, Validated(name, options), services)
    {
    }

    internal McpToolSource(string name, Func<McpServerOptions> options, IServiceProvider? services)
    {
        ThrowIfUnusable(name);
        Name = name;
        _options = options;
        _timeProvider = services?.GetService<TimeProvider>() ?? TimeProvider.System;
        var loggerFactory = services?.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        _logger = loggerFactory.CreateLogger<McpToolSource>();
        _metrics = new McpMetrics(services?.GetService<IMeterFactory>());
        _connection = new McpConnection(name, options, new McpConnector(name, loggerFactory, _timeProvider), _metrics, _logger);
        _circuit = new McpCircuit(name, options, services?.GetService<ICircuitBreakerStore>(), _logger);
        _list = new McpToolList(this, options, services?.GetService<IMcpToolPinStore>() ?? new InMemoryMcpToolPinStore(), _timeProvider, _metrics, _logger);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Whether there is a connection at present.</summary>
    public bool IsConnected => _connection.IsConnected;

    internal bool LastFailed => _lastFailed;

    internal ValueTask<bool> IsCircuitOpenAsync(CancellationToken cancellationToken) => _circuit.IsOpenAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AIFunction>> GetToolsAsync(CancellationToken cancellationToken)
    {
        var decision = await _circuit.TryAcquireAsync(cancellationToken);
        if (!decision.IsAllowed)
        {
            return Known(null);
        }

        var outcome = CircuitOutcome.Neutral;
        try
        {
            var settings = _options();
            using var timeout = new CancellationTokenSource(settings.ConnectTimeout, _timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            var snapshot = await ListAsync(either.Token);
            outcome = CircuitOutcome.Success;
            _lastFailed = false;
            return snapshot.Functions;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = CircuitOutcome.Failure;
            _lastFailed = true;
            LogListFailed(_logger, exception, Name);
            return Known(exception);
        }
        finally
        {
            await _circuit.ReportAsync(decision, outcome);
        }
    }

    /// <summary>Closes the connection, and ends the program if it was started here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _list.Dispose();
    }

    internal static void ThrowIfUnusable(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > 32 || !name.All(McpToolNames.IsPlain))
        {
            throw new ArgumentException($"The MCP server name '{name}' is of no use: it may stand before names of tools. Use at most 32 letters, digits, '-' or '_'.", nameof(name));
        }
    }

    // Once more where the session turns out to be gone: to read a list twice does no harm.
    private async ValueTask<McpToolSnapshot> ListAsync(CancellationToken cancellationToken)
    {
        for (var isLast = false; ; isLast = true)
        {
            var session = await _connection.GetAsync(cancellationToken);
            try
            {
                return await _list.GetAsync(session, cancellationToken);
            }
            catch (Exception exception) when (!isLast && !cancellationToken.IsCancellationRequested 
                && (McpFailures.IsSessionGone(exception, session) || exception is McpProtocolException refusal && McpFailures.MayBeUnknownSession(refusal)))
            {
                _connection.Drop(session);
            }
        }
    }

    private IReadOnlyList<AIFunction> Known(Exception? exception) => _list.Snapshot is { } snapshot ? snapshot.Functions
        : _options().Required ? throw new InvalidOperationException($"The tools of MCP server '{Name}' are not known, and it cannot be reached.", exception)
        : [];

    private static Func<McpServerOptions> Validated(string name, McpServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var result = new McpServerOptionsValidator().Validate(name, options);
        return result.Failed ? throw new OptionsValidationException(name, typeof(McpServerOptions), result.Failures) : () => options;
    }

    [LoggerMessage(McpEventIds.ListFailed, LogLevel.Warning, "The tools of MCP server '{Server}' could not be listed. Runs go on with those known before.", EventName = "McpListFailed")]
    private static partial void LogListFailed(ILogger logger, Exception exception, string server);
}
