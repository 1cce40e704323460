using System.Runtime.ExceptionServices;
using AgentHosting.Failures;
using AgentHosting.Stages.Internal;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>Tries other models until one answers, up to the point from which the caller has had content.</summary>
internal sealed class FallbackChatClient : StageChatClient
{
    private readonly FallbackSettings _settings;
    private readonly CandidateList _candidates;

    public FallbackChatClient(IChatClient innerClient, CandidateList candidates, FallbackSettings settings)
        : base(innerClient, PipelineStage.Fallback)
    {
        _settings = settings;
        _candidates = candidates;
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var started = _settings.TimeProvider.GetTimestamp();
        var hedges = Hedges(options);
        var failed = RefusalOf(list, options);
        if (failed is null && !hedges && _candidates.FirstFits(ModelOf(options), list, options))
        {
            try
            {
                return CompleteAnswer.Checked(await base.GetResponseAsync(list, options, cancellationToken));
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failed = exception;
            }
        }

        using var call = Begin(list, options, hedges, cancellationToken);
        return await call.FindAsync<ChatResponse, WholeShape>(failed, started) ?? LastResort(call, options).ToResponse();
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        HeldUpdates.From(
            static (call, token) => call.Client.OpenWithFallbackAsync(call.Messages, call.Options, token),
            (Client: this, Messages: messages, Options: options),
            cancellationToken);

    private async ValueTask<HeldStream> OpenWithFallbackAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var started = _settings.TimeProvider.GetTimestamp();
        var hedges = Hedges(options);
        var failed = RefusalOf(list, options);
        if (failed is null && !hedges && _candidates.FirstFits(ModelOf(options), list, options))
        {
            try
            {
                return await HeldStream.OpenAsync(InnerClient.GetStreamingResponseAsync(list, options, cancellationToken), cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failed = exception;
            }
        }

        var call = Begin(list, options, hedges, cancellationToken);
        try
        {
            var stream = await call.FindAsync<HeldStream, StreamShape>(failed, started) ?? HeldStream.Of(LastResort(call, options).ToUpdate());
            return stream.Owning(call);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    // A stage above knows that the model has no room for the call: it counts as failed without being asked.
    private Exception? RefusalOf(IReadOnlyList<ChatMessage> messages, ChatOptions? options) =>
        options.GetAgentContext()?.Refusal is { } refusal && _candidates.FirstFits(ModelOf(options), messages, options) ? refusal : null;

    // A tool that the provider runs may have effects; two models at work would have them twice. An answer in the background goes on, and is billed, when nobody listens any more.
    private bool Hedges(ChatOptions? options)
    {
        if (_settings.HedgeAfter is null || BackgroundAnswer.MayBegin(options) || BackgroundAnswer.IsContinued(options))
        {
            return false;
        }

        foreach (var tool in options?.Tools ?? [])
        {
            if (tool is not AIFunctionDeclaration)
            {
                return false;
            }
        }

        return true;
    }

    private FallbackCall Begin(IReadOnlyList<ChatMessage> messages, ChatOptions? options, bool hedges, CancellationToken cancellationToken)
    {
        // Those who lose against a hedge may still read the messages when the caller has gone on and changed its list.
        var list = hedges ? [.. messages] : messages;
        return new FallbackCall(_settings, _candidates.For(ModelOf(options), list, options, _settings.MaxAttempts), list, options, hedges, cancellationToken);
    }

    private LastResortAnswer LastResort(FallbackCall call, ChatOptions? options)
    {
        var exception = call.Exhausted();
        if (!call.MayDegrade)
        {
            _settings.Metrics.Failed();
            ExceptionDispatchInfo.Throw(exception);
        }

        _settings.Metrics.Degraded();
        FallbackLog.LastResort(_settings.Logger, exception);
        if (options.GetAgentContext() is { } context)
        {
            context.ServedByModel = null;
        }

        return new LastResortAnswer(_settings.LastResortMessage!);
    }
}
