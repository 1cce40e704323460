using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ResponseCaching.Internal;

internal sealed partial class SemanticAnswers
{
    [LoggerMessage(EventIds.ResponseCacheEmbeddingFailed, LogLevel.Warning, "The embedding generator of the semantic cache failed. Calls go on without it. This is logged once until it works again.", EventName = "ResponseCacheEmbeddingFailed")]
    private partial void LogEmbeddingFailed(Exception exception);

    [LoggerMessage(EventIds.ResponseCacheEmbeddingRecovered, LogLevel.Information, "The embedding generator of the semantic cache works again.", EventName = "ResponseCacheEmbeddingRecovered")]
    private partial void LogEmbeddingRecovered();
}
