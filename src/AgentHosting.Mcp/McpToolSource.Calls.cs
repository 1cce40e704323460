using System.Text.Json.Nodes;
using AgentHosting.CircuitBreakers;
using AgentHosting.Mcp.Internal;
using AgentHosting.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using McpSession = AgentHosting.Mcp.Internal.McpSession;

namespace AgentHosting.Mcp;

public sealed partial class McpToolSource
{
    /// <summary>Calls a tool. Whatever goes wrong at the server comes back as text that the model can act on; the log has the details.</summary>
    internal async ValueTask<object?> CallAsync(McpFunction function, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        var outcome = McpCallOutcome.Cancelled;
        var decision = await _circuit.TryAcquireAsync(cancellationToken);
        try
        {
            if (!decision.IsAllowed)
            {
                outcome = McpCallOutcome.CircuitOpen;
                return Text(outcome, function);
            }

            var settings = _options();
            using var timeout = new CancellationTokenSource(settings.CallTimeout, _timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                (outcome, var result) = await CallInSessionAsync(function, arguments, settings, either.Token);
                return result;
            }
            catch (Exception exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // A transport that is cut off may fail in its own way instead of with a cancellation.
                outcome = McpCallOutcome.TimedOut;
                LogCallFailed(_logger, exception, function.Tool.Name, Name, outcome);
                return Text(outcome, function);
            }
            catch (Exception exception) when (exception is not OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException("The call of the tool was cancelled.", exception, cancellationToken);
            }
        }
        finally
        {
            _lastFailed = outcome is McpCallOutcome.TimedOut or McpCallOutcome.Lost or McpCallOutcome.Unavailable || (_lastFailed && outcome is McpCallOutcome.Cancelled or McpCallOutcome.CircuitOpen);
            await _circuit.ReportAsync(decision, outcome switch
            {
                McpCallOutcome.Cancelled or McpCallOutcome.CircuitOpen => CircuitOutcome.Neutral,
                McpCallOutcome.TimedOut or McpCallOutcome.Lost or McpCallOutcome.Unavailable => CircuitOutcome.Failure,
                _ => CircuitOutcome.Success,
            });
            _metrics.Called(Name, outcome, _timeProvider.GetElapsedTime(started));
        }
    }

    private async ValueTask<(McpCallOutcome Outcome, object? Result)> CallInSessionAsync(
        McpFunction function, AIFunctionArguments arguments, McpServerOptions settings, CancellationToken token)
    {
        for (var isLast = false; ; isLast = true)
        {
            McpToolSnapshot tools;
            try
            {
                // In a session of its own the tool may be another one: a restart must not be a way around the pin.
                tools = await ListAsync(token);
            }
            catch (Exception exception) when (!token.IsCancellationRequested)
            {
                return Failed(McpCallOutcome.Unavailable, function, exception);
            }

            if (!tools.Holds(function))
            {
                return (McpCallOutcome.Changed, McpChangedFunction.Refusal(function.Name));
            }

            var session = tools.Session;
            try
            {
                var result = await session.Client.CallToolAsync(function.Tool.Name, arguments, options: Options(arguments), cancellationToken: token);
                return (result.IsError == true ? McpCallOutcome.ToolError : McpCallOutcome.Ok, McpResults.Map(result, settings));
            }
            catch (McpProtocolException exception) when (!token.IsCancellationRequested)
            {
                // An error of the server's own may come from the tool, or from a server that has forgotten the session. A ping tells.
                if (isLast || !McpFailures.MayBeUnknownSession(exception) || await IsKnownAsync(session, token))
                {
                    return Failed(McpCallOutcome.ServerError, function, exception);
                }

                _connection.Drop(session);
            }
            catch (Exception exception) when (!token.IsCancellationRequested && (exception is McpException || McpFailures.IsSessionGone(exception, session)))
            {
                // An McpException that is no answer: the stream that was to bring it broke off.
                _connection.Drop(session);
                var isNotExecuted = McpFailures.IsNotExecuted(exception);
                if (isLast || !(isNotExecuted || function.IsIdempotent))
                {
                    return Failed(isNotExecuted ? McpCallOutcome.Unavailable : McpCallOutcome.Lost, function, exception);
                }
            }
            catch (Exception exception) when (!token.IsCancellationRequested)
            {
                return Failed(McpCallOutcome.ServerError, function, exception);
            }
        }
    }

    private static async ValueTask<bool> IsKnownAsync(McpSession session, CancellationToken token)
    {
        try
        {
            await session.Client.PingAsync(cancellationToken: token);
            return true;
        }
        catch (McpProtocolException exception)
        {
            return !McpFailures.MayBeUnknownSession(exception);
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            // What answers a ping otherwise is no session to go on with. The error of the call itself is what the log gets.
            return false;
        }
    }

    // Servers that know the key can tell a repeated call from a second one.
    private static RequestOptions? Options(AIFunctionArguments arguments) =>
        arguments.GetIdempotencyKey() is { } key ? new RequestOptions { Meta = new JsonObject { ["agenthosting/idempotencyKey"] = key } } : null;

    private (McpCallOutcome Outcome, object? Result) Failed(McpCallOutcome outcome, McpFunction function, Exception exception)
    {
        LogCallFailed(_logger, exception, function.Tool.Name, Name, outcome);
        return (outcome, Text(outcome, function));
    }

    // Nothing of the exception: it may hold addresses, paths and headers. The tool's own errors come as results.
    private string Text(McpCallOutcome outcome, McpFunction function) => outcome switch
    {
        McpCallOutcome.CircuitOpen => $"Error: the server of the tool '{function.Name}' fails at present, so it was not called. Try again later, or go on without it.",
        McpCallOutcome.Unavailable => $"Error: the server of the tool '{function.Name}' cannot be reached, so it was not called. Try again later, or go on without it.",
        McpCallOutcome.TimedOut => $"Error: the tool '{function.Name}' did not answer within {_options().CallTimeout.TotalSeconds:0.###} seconds. It is not known whether it has done its work.",
        McpCallOutcome.Lost => $"Error: the connection to the server of the tool '{function.Name}' was lost during the call. It is not known whether it has done its work.",
        _ => $"Error: the server refused the call of the tool '{function.Name}'. Check the arguments.",
    };

    [LoggerMessage(McpEventIds.CallFailed, LogLevel.Warning, "A call of tool '{Tool}' of MCP server '{Server}' failed: {Outcome}.", EventName = "McpCallFailed")]
    private static partial void LogCallFailed(ILogger logger, Exception exception, string tool, string server, McpCallOutcome outcome);
}
