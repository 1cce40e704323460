using System.Diagnostics;
using System.Runtime.CompilerServices;
using AgentHosting.Diagnostics;
using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using BackgroundAnswer = AgentHosting.Streaming.Internal.BackgroundAnswer;
using StreamContent = AgentHosting.Streaming.Internal.StreamContent;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>Writes the model that a policy chooses into the options of each call.</summary>
internal sealed partial class ModelRouterChatClient : StageChatClient
{
    private readonly string _policyName;
    private readonly bool _routesNamedModels;
    private readonly bool _isShadow;
    private readonly int _expectedOutputTokens;
    private readonly ITokenCounter _counter;
    private readonly RouteTargets _targets;
    private readonly IModelRoutePolicy _policy;
    private readonly LatencyTracker? _tracker;
    private readonly bool _choosesAtOnce;
    private readonly bool _hasCatalog;
    private readonly ILogger _logger;
    private readonly ModelRouterMetrics _metrics;

    public ModelRouterChatClient(IChatClient innerClient, ModelRouterOptions options, RoutePolicyFactory policies, ITokenCounter counter, ILogger logger, ModelRouterMetrics metrics)
        : base(innerClient, PipelineStage.ModelRouter)
    {
        _policyName = options.Policy;
        _routesNamedModels = options.RouteNamedModels;
        _isShadow = options.ShadowMode;
        _expectedOutputTokens = options.ExpectedOutputTokens;
        var catalog = innerClient.GetService<IModelCatalog>();
        _hasCatalog = catalog is not null;
        _counter = counter;
        _targets = new RouteTargets(options, catalog, counter);
        _policy = policies.Create();
        _tracker = policies.Tracker;
        _choosesAtOnce = policies.ChoosesAtOnce;
        _logger = logger;
        _metrics = metrics;
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (IsLeftAlone(options))
        {
            return InnerClient.GetResponseAsync(messages, options, cancellationToken);
        }

        var context = ContextOf(messages, options, isStreaming: false);
        return _choosesAtOnce && _tracker is null
            ? InnerClient.GetResponseAsync(context.Messages, Apply(ChooseAtOnce(context, cancellationToken), context), cancellationToken)
            : AskAsync(context, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (IsLeftAlone(options))
        {
            return InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken);
        }

        var context = ContextOf(messages, options, isStreaming: true);

        // No layer of our own over a stream whose updates the router need not see.
        return _choosesAtOnce && _tracker is null
            ? InnerClient.GetStreamingResponseAsync(context.Messages, Apply(ChooseAtOnce(context, cancellationToken), context), cancellationToken)
            : StreamAsync(context, cancellationToken);
    }

    private async Task<ChatResponse> AskAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        var options = Traced(Apply(await _policy.ChooseAsync(context, cancellationToken), context));
        using var probe = Start(options, isStreaming: false);
        try
        {
            var response = await InnerClient.GetResponseAsync(context.Messages, options, cancellationToken);
            probe?.Answered(SourceOf(options));
            return response;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            probe?.Failed();
            throw;
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ModelRouteContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = Traced(Apply(await _policy.ChooseAsync(context, cancellationToken), context));
        using var probe = Start(options, isStreaming: true);
        await using var updates = InnerClient.GetStreamingResponseAsync(context.Messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(updates, probe, cancellationToken))
        {
            if (probe is not null && StreamContent.HasContent(updates.Current))
            {
                probe.Answered(SourceOf(options));
            }

            yield return updates.Current;
        }
    }

    private static async ValueTask<bool> MoveNextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, LatencyProbe? probe, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            probe?.Failed();
            throw;
        }
    }

    /// <summary>Options whose context the stages below write to, when the answer is measured.</summary>
    private ChatOptions? Traced(ChatOptions? options)
    {
        if (_tracker is null)
        {
            return options;
        }

        if (options.GetAgentContext() is not { } call)
        {
            return options.WithAgentContext(new AgentCallContext());
        }

        call.CacheHit = false;
        call.ServedByModel = null;
        return options;
    }

    private LatencyProbe? Start(ChatOptions? options, bool isStreaming)
    {
        var probe = _tracker?.Start(ModelOf(options), isStreaming);
        if (probe is not null)
        {
            options.GetAgentContext()?.Load = probe;
        }

        return probe;
    }

    private AnswerSource SourceOf(ChatOptions? options) =>
        options.GetAgentContext() is not { } call ? AnswerSource.Model
        : call.CacheHit ? AnswerSource.Cache
        : call.ServedByModel == ModelOf(options) ? AnswerSource.Model
        // Without a catalog nobody notes the model, but a fallback notes a client of its own.
        : call.ServedByModel is null && !_hasCatalog ? AnswerSource.Model
        : AnswerSource.OtherModel;

    // The answer that a token continues is another model's no more.
    private bool IsLeftAlone(ChatOptions? options) => options?.ModelId is not null && (!_routesNamedModels || BackgroundAnswer.IsContinued(options));

    private ModelRouteContext ContextOf(IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreaming)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        return new ModelRouteContext { Messages = list, Options = options, Targets = _targets.ThatFit(list, options), IsStreaming = isStreaming, Counter = _counter };
    }

    private ModelRoute ChooseAtOnce(ModelRouteContext context, CancellationToken cancellationToken)
    {
        var choice = _policy.ChooseAsync(context, cancellationToken);
        Debug.Assert(choice.IsCompleted, "A policy that waits is asked by AskAsync or StreamAsync.");
        return choice.GetAwaiter().GetResult();
    }

    private ChatOptions? Apply(ModelRoute route, ModelRouteContext context)
    {
        if (_isShadow)
        {
            Shadow(route, context);
            return context.Options;
        }

        _metrics.Routed(_policyName, route);
        LogRouted(_logger, route.Model, _policyName, route.Reason);
        Activity.Current?.SetTag(TagNames.ModelRoute, route.Model).SetTag(TagNames.ModelRoutePolicy, _policyName).SetTag(TagNames.ModelRouteReason, route.Reason);
        if (context.CallContext is { } call)
        {
            call.RouteReason = route.Reason;
        }

        var options = context.Options?.Clone() ?? new ChatOptions();
        options.ModelId = route.Model;
        return options;
    }

    private void Shadow(ModelRoute route, ModelRouteContext context)
    {
        var served = ModelOf(context.Options);
        var saving = CostOf(served, context) - CostOf(route.Model, context);
        _metrics.Shadowed(_policyName, route, saving);
        LogShadowed(_logger, served, route.Model, _policyName, route.Reason, saving);
    }

    private decimal? CostOf(string model, ModelRouteContext context) => RouteTargets.CostOf(
        InnerClient.GetService<IModelCatalog>()?.Find(model)?.Price, context.EstimatedInputTokens, _expectedOutputTokens);
}
