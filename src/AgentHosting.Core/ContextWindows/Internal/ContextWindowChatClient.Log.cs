using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ContextWindows.Internal;

internal sealed partial class ContextWindowChatClient
{
    [LoggerMessage(EventIds.ContextWindowCut, LogLevel.Information, "A request to model '{Model}' was cut from {Tokens} to {LeftTokens} input tokens; there is room for {Limit}.", EventName = "ContextWindowCut")]
    private partial void LogCut(string model, long tokens, long leftTokens, long limit);

    [LoggerMessage(EventIds.ContextWindowExceeded, LogLevel.Warning, "A request does not fit model '{Model}': at the least it has {Tokens} input tokens, and there is room for {Limit}.", EventName = "ContextWindowExceeded")]
    private partial void LogExceeded(string model, long tokens, long limit);

    [LoggerMessage(EventIds.ChatReducerFailed, LogLevel.Warning, "The reducer of a history failed; the history was cut without it.", EventName = "ChatReducerFailed")]
    private partial void LogReducerFailed(Exception exception);
}
