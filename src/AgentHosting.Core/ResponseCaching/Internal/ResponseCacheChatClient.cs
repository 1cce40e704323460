using System.Diagnostics.Metrics;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>Answers from the cache, lets identical calls share one request, and stores final answers.</summary>
internal sealed partial class ResponseCacheChatClient : StageChatClient
{
    private readonly ResponseCacheOptions _options;
    private readonly ResponseCacheServices _services;
    private readonly ResponseCacheMetrics _metrics;
    private readonly AnswerMemory _memory;
    private readonly SharedAnswers? _shared;
    private readonly SemanticAnswers? _semantic;
    private readonly FlightTable _flights = new();
    private readonly ILogger _logger;
    private readonly ModelPrefixes _prefixes;
    private long _order;

    public ResponseCacheChatClient(IChatClient innerClient, ResponseCacheOptions options, ResponseCacheServices services)
        : base(innerClient, PipelineStage.ResponseCache)
    {
        _options = options;
        _services = services;
        _logger = services.Logger;
        _metrics = new ResponseCacheMetrics(services.Meters);
        _shared = services.Cache is { } cache ? new SharedAnswers(cache, services.Lock, options, _metrics, services.Time, services.Logger) : null;
        _semantic = options.Semantic.Enabled ? new SemanticAnswers(options.Semantic, services, _metrics) : null;
        _memory = new AnswerMemory(options.SizeLimit, services.Time, _semantic);
        _prefixes = new ModelPrefixes(innerClient, options);
    }

    /// <summary>For tests.</summary>
    internal AnswerMemory Memory => _memory;

    /// <summary>For tests.</summary>
    internal SemanticAnswers? Semantic => _semantic;

    /// <summary>For tests.</summary>
    internal FlightTable Flights => _flights;

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<ChatResponse>(cancellationToken);
        }

        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = Look(list, options, out var answer);
        if (answer is not null)
        {
            return Task.FromResult(Hit(answer, options.GetAgentContext()));
        }

        return call is null
            ? base.GetResponseAsync(list, ResponseCacheRequest.RemovedFrom(options), cancellationToken)
            : AskAsync(call, cancellationToken);
    }

    /// <summary>Looks for the answer in this process.</summary>
    /// <returns>The call to make; <see langword="null"/> when there is an answer, or when the request bypasses the cache.</returns>
    private CacheCall? Look(IReadOnlyList<ChatMessage> messages, ChatOptions? options, out CachedAnswer? answer)
    {
        answer = null;
        var request = ResponseCacheRequest.Of(options);
        var context = options.GetAgentContext();
        context?.CacheHit = false;
        if (request?.Mode == ResponseCacheMode.Bypass
            || AnswerRules.HasToolResultsOfThisTurn(messages)
            || _prefixes.IsOfSession(ModelOf(options))
            || _options.ShouldCache?.Invoke(messages, options) == false)
        {
            _metrics.Bypassed();
            return null;
        }

        var writer = KeyWriter.Rent();
        try
        {
            var model = ModelOf(options);
            var prefix = _prefixes.Find(model);
            if (RequestKeyBuilder.TryWrite(writer, prefix, model, messages, options) is { } reason)
            {
                LogBypassed(reason);
                _metrics.Bypassed();
                return null;
            }

            Span<byte> digest = stackalloc byte[32];
            var identity = RequestKey.Identity(writer.Written, digest);
            var isRefresh = request?.Mode == ResponseCacheMode.Refresh;
            if (!isRefresh && (answer = _memory.Find(identity)) is not null)
            {
                return null;
            }

            // What is sent is what the key was made of: taken down now, not when the model is asked.
            var innerContext = context?.Copy();
            return new CacheCall
            {
                Key = RequestKey.Of(identity),
                Messages = RequestSnapshot.Of(messages),
                Options = RequestSnapshot.Of(options, innerContext),
                Context = context,
                InnerContext = innerContext,
                IsRefresh = isRefresh,
                ExpiresAt = ExpiryOf(request?.TimeToLive ?? _options.TimeToLive),
                Question = _semantic is null ? null : SemanticQuestion.TryCreate(_options.Semantic, prefix, model, messages, options),
            };
        }
        finally
        {
            KeyWriter.Return(writer);
        }
    }

    // Of stores some cannot tell the end of the calendar from a time that has passed.
    private DateTimeOffset ExpiryOf(TimeSpan timeToLive) =>
        _services.Time.GetUtcNow() + (timeToLive < ResponseCacheDefaults.LongestTimeToLive ? timeToLive : ResponseCacheDefaults.LongestTimeToLive);

    private ChatResponse Hit(CachedAnswer answer, AgentCallContext? context)
    {
        _metrics.Hit(answer, "memory");
        Free(context, answer);
        return AnswerReplay.ToResponse(answer, ResponseCacheProperties.Hit);
    }

    internal static void Free(AgentCallContext? context, CachedAnswer? answer)
    {
        if (context is not null)
        {
            context.CacheHit = true;
            context.ServedByModel = answer?.ServedByModel;
        }
    }
}
