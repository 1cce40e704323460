using Microsoft.Extensions.Logging;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// The one connection of the process to a server: made at first use, shared by all runs, made again once it is gone. Connecting has a token of its own, so the
/// cancelling of one run does no harm to another that waits for the same connection.
/// </summary>
internal sealed partial class McpConnection(
    string server, Func<McpServerOptions> options, McpConnector connector, McpMetrics metrics, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _closing = [];
    private Task<McpSession>? _current;
    private bool _isDisposed;

    /// <summary>Whether there is a connection at present.</summary>
    public bool IsConnected
    {
        get
        {
            lock (_lock)
            {
                return _current is { IsCompletedSuccessfully: true } && !_current.Result.IsGone;
            }
        }
    }

    public async ValueTask<McpSession> GetAsync(CancellationToken cancellationToken)
    {
        Task<McpSession> task;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_current is { IsCompletedSuccessfully: true } && _current.Result.IsGone)
            {
                LogLost(logger, server);
                Close(_current.Result);
                _current = null;
            }

            if (_current is null || _current.IsFaulted || _current.IsCanceled)
            {
                // Starting a process takes time, and the lock must not be held meanwhile.
                _current = Task.Run(ConnectAsync);
            }

            task = _current;
        }

        return await task.WaitAsync(cancellationToken);
    }

    /// <summary>Leaves a session that turned out to be gone. The next call connects anew.</summary>
    public void Drop(McpSession session)
    {
        lock (_lock)
        {
            if (!_isDisposed && _current is { IsCompletedSuccessfully: true } && _current.Result == session)
            {
                LogLost(logger, server);
                _current = null;
                Close(session);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<McpSession>? current;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            current = _current;
            _current = null;
        }

        await _stopping.CancelAsync();
        if (current is not null)
        {
            await current.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (current.IsCompletedSuccessfully)
            {
                await CloseAsync(current.Result);
            }
        }

        Task[] closing;
        lock (_lock)
        {
            closing = [.. _closing];
        }

        await Task.WhenAll(closing);
        _stopping.Dispose();
    }

    private async Task<McpSession> ConnectAsync()
    {
        try
        {
            var session = await connector.ConnectAsync(options(), _stopping.Token);
            metrics.Connected(server);
            LogConnected(logger, server, session.Client.ServerInfo?.Name, session.Client.ServerInfo?.Version);
            return session;
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            metrics.ConnectFailed(server);
            LogConnectFailed(logger, exception, server);
            throw;
        }
    }

    private void Close(McpSession session)
    {
        var task = Task.Run(() => CloseAsync(session));
        _closing.Add(task);
        _ = task.ContinueWith(
            done =>
            {
                lock (_lock)
                {
                    _closing.Remove(done);
                }
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task CloseAsync(McpSession session)
    {
        try
        {
            await session.DisposeAsync();
        }
        catch (Exception exception)
        {
            // Most often the server that is gone cannot be told good-bye.
            LogCloseFailed(logger, exception, server);
        }
    }

    [LoggerMessage(McpEventIds.Connected, LogLevel.Information, "Connected to MCP server '{Server}' ({Name} {Version}).", EventName = "McpConnected")]
    private static partial void LogConnected(ILogger logger, string server, string? name, string? version);

    [LoggerMessage(McpEventIds.ConnectFailed, LogLevel.Warning, "MCP server '{Server}' could not be reached.", EventName = "McpConnectFailed")]
    private static partial void LogConnectFailed(ILogger logger, Exception exception, string server);

    [LoggerMessage(McpEventIds.SessionLost, LogLevel.Warning, "The session with MCP server '{Server}' is gone. The next call connects anew.", EventName = "McpSessionLost")]
    private static partial void LogLost(ILogger logger, string server);

    [LoggerMessage(McpEventIds.CloseFailed, LogLevel.Debug, "The session with MCP server '{Server}' could not be closed properly.", EventName = "McpCloseFailed")]
    private static partial void LogCloseFailed(ILogger logger, Exception exception, string server);
}
