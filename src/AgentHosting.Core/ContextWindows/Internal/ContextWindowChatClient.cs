using System.Diagnostics;
using System.Runtime.CompilerServices;
using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.Stages.Internal;
using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>Repairs the history of each call and makes it fit the window of the model that is asked. One that fits is handed on as it is.</summary>
internal sealed partial class ContextWindowChatClient : StageChatClient
{
    private readonly ContextWindowOptions _options;
    private readonly HistoryFitter _fitter;
    private readonly IModelCatalog? _catalog;
    private readonly bool _hasFallback;
    private readonly ILogger _logger;
    private readonly ContextWindowMetrics _metrics;

    public ContextWindowChatClient(
        IChatClient innerClient, ContextWindowOptions options, IChatReducer? reducer, ITokenCounter counter, ILogger logger, ContextWindowMetrics metrics)
        : base(innerClient, PipelineStage.ContextWindow)
    {
        _options = options;
        _logger = logger;
        _metrics = metrics;
        _fitter = new HistoryFitter(options, reducer, counter, LogReducerFailed);
        _catalog = innerClient.GetService<IModelCatalog>();
        _hasFallback = (PipelineOrder.In(innerClient) & PipelineStage.Fallback) != 0;
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var list = Repaired(messages);
        return Fits(list, options, out var tokens, out var limit)
            ? InnerClient.GetResponseAsync(list, options, cancellationToken)
            : FitAndAskAsync(list, options, tokens, limit, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var list = Repaired(messages);
        return Fits(list, options, out var tokens, out var limit)
            ? InnerClient.GetStreamingResponseAsync(list, options, cancellationToken)
            : FitAndStreamAsync(list, options, tokens, limit, cancellationToken);
    }

    private static IReadOnlyList<ChatMessage> Repaired(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return TranscriptRepair.Repair(messages as IReadOnlyList<ChatMessage> ?? [.. messages]);
    }

    private bool Fits(IReadOnlyList<ChatMessage> messages, ChatOptions? options, out long tokens, out long limit)
    {
        var model = ModelOf(options);
        tokens = 0;
        limit = InputLimit.Of(_options, _catalog?.Find(model)?.Options, options) ?? long.MaxValue;
        if (limit < long.MaxValue && (tokens = _fitter.Count(messages, options)) > limit)
        {
            return false;
        }

        _metrics.Fitted(model);
        return true;
    }

    private async Task<ChatResponse> FitAndAskAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, long tokens, long limit, CancellationToken cancellationToken)
    {
        var (fitted, told) = await FitAsync(messages, options, tokens, limit, cancellationToken);
        try
        {
            return await InnerClient.GetResponseAsync(fitted, told, cancellationToken);
        }
        finally
        {
            told.GetAgentContext()?.Refusal = null;
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> FitAndStreamAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, long tokens, long limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (fitted, told) = await FitAsync(messages, options, tokens, limit, cancellationToken);
        try
        {
            await foreach (var update in InnerClient.GetStreamingResponseAsync(fitted, told, cancellationToken))
            {
                yield return update;
            }
        }
        finally
        {
            told.GetAgentContext()?.Refusal = null;
        }
    }

    private async ValueTask<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> FitAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, long tokens, long limit, CancellationToken cancellationToken)
    {
        var model = ModelOf(options);
        var fitted = await _fitter.FitAsync(messages, options, tokens, limit, cancellationToken);
        if (fitted.Tokens <= limit)
        {
            Cut(model, tokens, fitted, limit);
            return (fitted.Messages, options);
        }

        var exception = new ContextWindowExceededException(
            $"The request does not fit model '{model}': without all that may be left out of the history it has about {fitted.Tokens} input tokens, and there is room for {limit}. "
            + "Nothing was sent. Shorten the message, its attachments or the tools, ask for a shorter answer, or use a model with a larger window.")
        {
            Model = model,
            RequiredTokens = fitted.Tokens,
            AvailableTokens = limit,
        };
        _metrics.Exceeded(model);
        LogExceeded(model, fitted.Tokens, limit);
        if (!_hasFallback || limit == _options.MaxInputTokens)
        {
            throw exception;
        }

        // The fallback below takes the model that was asked for as failed, without asking it, and may try one that has room for more: for the largest that is known,
        // so that no more is left out than has to be. Where none is known to be larger, it gets the least that can be sent.
        if (LargestLimit(options) is var largest && largest > limit)
        {
            fitted = tokens <= largest
                ? new FittedHistory { Messages = messages, Tokens = tokens }
                : await _fitter.FitAsync(messages, options, tokens, largest, cancellationToken);
        }

        if (fitted.Tokens < tokens)
        {
            Cut(model, tokens, fitted, Math.Max(largest, limit));
        }

        var context = options.GetAgentContext() ?? new AgentCallContext();
        context.Refusal = exception;
        return (fitted.Messages, options.WithAgentContext(context));
    }

    private long LargestLimit(ChatOptions? request)
    {
        var largest = 0L;
        foreach (var name in _catalog?.Names ?? [])
        {
            largest = Math.Max(largest, InputLimit.Of(_options, _catalog!.Find(name)?.Options, request) ?? 0);
        }

        return largest;
    }

    private void Cut(string model, long tokens, FittedHistory fitted, long limit)
    {
        _metrics.Cut(model, tokens - fitted.Tokens);
        LogCut(model, tokens, fitted.Tokens, limit);
        Activity.Current?.SetTag(TagNames.ContextWindowSavedTokens, tokens - fitted.Tokens);
    }
}
