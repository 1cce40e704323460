using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ResponseCaching.Internal;

internal sealed partial class SharedAnswers
{
    [LoggerMessage(EventIds.ResponseCacheStoreFailed, LogLevel.Warning, "The shared response cache failed. Calls go on without it. This is logged once until it works again.", EventName = "ResponseCacheStoreFailed")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(EventIds.ResponseCacheStoreRecovered, LogLevel.Information, "The shared response cache works again.", EventName = "ResponseCacheStoreRecovered")]
    private partial void LogRecovered();

    [LoggerMessage(EventIds.ResponseCacheEntryUnreadable, LogLevel.Warning, "The entry '{Key}' of the shared response cache cannot be read. It is replaced by the next answer.", EventName = "ResponseCacheEntryUnreadable")]
    private partial void LogUnreadable(Exception exception, string key);
}
