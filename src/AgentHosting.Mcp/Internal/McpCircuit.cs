using AgentHosting.CircuitBreakers;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Mcp.Internal;

/// <summary>The circuit of one server, in the store that those of the models use. A store that fails lets calls through.</summary>
internal sealed partial class McpCircuit(string server, Func<McpServerOptions> options, ICircuitBreakerStore? store, ILogger logger)
{
    private readonly string _key = $"mcp:{server}";

    /// <returns>The permit, which must be given back, or how long to wait.</returns>
    public async ValueTask<CircuitDecision> TryAcquireAsync(CancellationToken cancellationToken)
    {
        if (store is null)
        {
            return new CircuitDecision { IsAllowed = true };
        }

        try
        {
            return await store.TryAcquireAsync(_key, Settings(), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStoreFailed(logger, exception, server);
            return new CircuitDecision { IsAllowed = true };
        }
    }

    public async ValueTask ReportAsync(CircuitDecision decision, CircuitOutcome outcome)
    {
        if (store is null || !decision.IsAllowed || decision.Permit.Key is null)
        {
            return;
        }

        try
        {
            var result = await store.ReportAsync(decision.Permit, Settings(), outcome, TimeSpan.Zero, CancellationToken.None);
            if (result.Transition == CircuitTransition.Opened)
            {
                LogOpened(logger, server);
            }
            else if (result.Transition == CircuitTransition.Closed)
            {
                LogClosed(logger, server);
            }
        }
        catch (Exception exception)
        {
            LogStoreFailed(logger, exception, server);
        }
    }

    public async ValueTask<bool> IsOpenAsync(CancellationToken cancellationToken) =>
        store is not null && (await store.GetAsync(_key, Settings(), cancellationToken)).State == CircuitState.Open;

    private CircuitSettings Settings()
    {
        var current = options();
        return new CircuitSettings
        {
            FailureRatio = 0.5,
            MinimumCalls = current.CircuitMinimumCalls,
            Window = McpDefaults.CircuitWindow,
            OpenDuration = current.CircuitOpenDuration,
            MaxOpenDuration = current.CircuitOpenDuration > McpDefaults.CircuitMaxOpenDuration ? current.CircuitOpenDuration : McpDefaults.CircuitMaxOpenDuration,
            SuccessesToClose = 1,
            ProbeLease = current.ConnectTimeout + current.CallTimeout,
        };
    }

    [LoggerMessage(McpEventIds.CircuitOpened, LogLevel.Warning, "MCP server '{Server}' fails. It is left alone for a while.", EventName = "McpCircuitOpened")]
    private static partial void LogOpened(ILogger logger, string server);

    [LoggerMessage(McpEventIds.CircuitClosed, LogLevel.Information, "MCP server '{Server}' is well again.", EventName = "McpCircuitClosed")]
    private static partial void LogClosed(ILogger logger, string server);

    [LoggerMessage(McpEventIds.CircuitStoreFailed, LogLevel.Warning, "The circuit of MCP server '{Server}' could not be read or written. Calls go on without it.", EventName = "McpCircuitStoreFailed")]
    private static partial void LogStoreFailed(ILogger logger, Exception exception, string server);
}
