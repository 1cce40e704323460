using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ResponseCaching.Internal;

internal sealed partial class ResponseCacheChatClient
{
    [LoggerMessage(EventIds.ResponseCacheBypassed, LogLevel.Debug, "The response cache is bypassed: {Reason}.", EventName = "ResponseCacheBypassed")]
    private partial void LogBypassed(string reason);

    [LoggerMessage(EventIds.ResponseCacheHandedOver, LogLevel.Information, "A shared model call failed. One of those who waited for it tries again.", EventName = "ResponseCacheHandedOver")]
    private partial void LogHandedOver(Exception exception);
}
