using AgentHosting.Failures;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>The options as they were when the stage was built, and what its calls share.</summary>
internal sealed class FallbackSettings(FallbackOptions options, TimeProvider timeProvider, ILogger logger, FallbackMetrics metrics)
{
    private readonly Func<ChatFailure, bool>? _shouldHandle = options.ShouldHandle;
    private readonly bool _onContentFilter = options.FallBackOnContentFilter;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public ILogger Logger { get; } = logger;

    public FallbackMetrics Metrics { get; } = metrics;

    public int MaxAttempts { get; } = options.MaxAttempts;

    public TimeSpan? HedgeAfter { get; } = options.HedgeAfter;

    public int MaxHedges { get; } = options.MaxHedges;

    public string? LastResortMessage { get; } = options.LastResortMessage;

    public Func<FallbackArguments, CancellationToken, ValueTask>? OnFallback { get; } = options.OnFallback;

    public bool FallsBack(ChatFailure failure) => failure.Kind switch
    {
        ChatFailureKind.Cancelled => false,
        _ when _shouldHandle is not null => _shouldHandle(failure),
        ChatFailureKind.BadRequest => false,
        ChatFailureKind.ContentFilter => _onContentFilter,
        _ => true,
    };
}
