using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.CircuitBreakers.Internal;

internal sealed partial class CircuitBreakerChatClient
{
    [LoggerMessage(EventIds.CircuitOpened, LogLevel.Warning, "The circuit of model '{Model}' opened for {OpenFor}: too many of its calls failed.", EventName = "CircuitOpened")]
    private static partial void LogOpened(ILogger logger, string model, TimeSpan openFor);

    [LoggerMessage(EventIds.CircuitClosed, LogLevel.Information, "The circuit of model '{Model}' closed: its probes succeeded.", EventName = "CircuitClosed")]
    private static partial void LogClosed(ILogger logger, string model);

    [LoggerMessage(EventIds.CircuitPaused, LogLevel.Warning, "Calls to model '{Model}' pause for {OpenFor}, as its provider asks.", EventName = "CircuitPaused")]
    private static partial void LogPaused(ILogger logger, string model, TimeSpan openFor);

    [LoggerMessage(EventIds.CircuitProbed, LogLevel.Information, "One call probes model '{Model}', whose circuit was open.", EventName = "CircuitProbed")]
    private static partial void LogProbed(ILogger logger, string model);

    [LoggerMessage(
        EventIds.CircuitStoreFailed,
        LogLevel.Error,
        "The store of circuits failed for model '{Model}'. Calls pass without a breaker until it is back.",
        EventName = "CircuitStoreFailed")]
    private static partial void LogStoreFailed(ILogger logger, Exception exception, string model);

    [LoggerMessage(
        EventIds.CircuitCallbackFailed,
        LogLevel.Error,
        "CircuitBreakerOptions.ShouldHandle threw about a failure of model '{Model}', which does not count. The caller gets the error of the model.",
        EventName = "CircuitCallbackFailed")]
    private static partial void LogCallbackFailed(ILogger logger, Exception exception, string? model);
}
