using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.RateLimits.Internal;

internal sealed partial class ModelRateLimitChatClient
{
    [LoggerMessage(EventIds.ModelRateLimited, LogLevel.Warning, "The limit of {Limit} {Unit} in {Window} refused a request to model '{Model}' that takes {Requested}: {Available} are left.", EventName = "ModelRateLimited")]
    private partial void LogLimited(string model, RateLimitUnit unit, long limit, TimeSpan window, long requested, long available);

    [LoggerMessage(EventIds.RateLimiterFailed, LogLevel.Error, "The rate limiter failed on a request to model '{Model}'.", EventName = "RateLimiterFailed")]
    private partial void LogLimiterFailed(Exception exception, string model);
}
