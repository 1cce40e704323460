using System.Runtime.ExceptionServices;
using AgentHosting.Failures;
using AgentHosting.Stages.Internal;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Polly;

namespace AgentHosting.Retries.Internal;

/// <summary>Makes a failed call again. The loop and its waits are Polly's; what a failure is, and up to where a stream may start again, is ours.</summary>
internal sealed partial class RetryChatClient : StageChatClient
{
    private static readonly ResiliencePropertyKey<RetryCall?> CallKey = new("agenthosting.retry");
    private readonly RetryPolicy _policy;
    private readonly RetryBudgets _budgets;
    private readonly ResiliencePipeline _pipeline;
    private readonly Func<RetryArguments, ValueTask>? _onRetry;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RetryMetrics _metrics;

    public RetryChatClient(
        IChatClient innerClient, RetryOptions options, TimeProvider timeProvider, ILogger logger, RetryMetrics metrics, Func<double> jitter)
        : base(innerClient, PipelineStage.Retry)
    {
        _policy = new RetryPolicy(options, timeProvider, jitter);
        _budgets = new RetryBudgets(options, timeProvider);
        _pipeline = RetryPipeline.Create(CallKey, options.MaxRetries, timeProvider);
        _onRetry = options.OnRetry;
        _timeProvider = timeProvider;
        _logger = logger;
        _metrics = metrics;
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        try
        {
            var outcome = await _pipeline.ExecuteOutcomeAsync(
                static (context, attempt) => attempt.Client.AskAsync(context, attempt), context, Begin(messages, options));
            return outcome.Exception is null ? outcome.Result! : throw Final(context, outcome.Exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        HeldUpdates.From(
            static (call, token) => call.Client.OpenWithRetriesAsync(call.Messages, call.Options, token),
            (Client: this, Messages: messages, Options: options),
            cancellationToken);

    private async ValueTask<HeldStream> OpenWithRetriesAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        try
        {
            var outcome = await _pipeline.ExecuteOutcomeAsync(
                static (context, attempt) => attempt.Client.OpenAsync(context, attempt), context, Begin(messages, options));
            return outcome.Exception is null ? outcome.Result! : throw Final(context, outcome.Exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private RetryAttempt Begin(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var model = ModelOf(options);
        var budget = _budgets.Of(model);
        budget.AddCall();

        // What can be read only once is copied, since every attempt reads it.
        var list = messages is IReadOnlyCollection<ChatMessage> or ICollection<ChatMessage> ? messages : [.. messages];
        return new RetryAttempt(this, list, options, model, budget, _policy.HasTotalTimeout ? _timeProvider.GetTimestamp() : 0);
    }

    private async ValueTask<Outcome<ChatResponse>> AskAsync(ResilienceContext context, RetryAttempt attempt)
    {
        try
        {
            return Outcome.FromResult(
                CompleteAnswer.Checked(await InnerClient.GetResponseAsync(attempt.Messages, attempt.Options, context.CancellationToken)));
        }
        catch (Exception exception)
        {
            await DecideAsync(context, attempt, exception);
            return Outcome.FromException<ChatResponse>(exception);
        }
    }

    private async ValueTask<Outcome<HeldStream>> OpenAsync(ResilienceContext context, RetryAttempt attempt)
    {
        try
        {
            var updates = InnerClient.GetStreamingResponseAsync(attempt.Messages, attempt.Options, context.CancellationToken);
            return Outcome.FromResult(await HeldStream.OpenAsync(updates, context.CancellationToken));
        }
        catch (Exception exception)
        {
            await DecideAsync(context, attempt, exception);
            return Outcome.FromException<HeldStream>(exception);
        }
    }

    private async ValueTask DecideAsync(ResilienceContext context, RetryAttempt attempt, Exception exception)
    {
        if (!context.Properties.TryGetValue(CallKey, out var call) || call is null)
        {
            call = new RetryCall(attempt.Model);
            context.Properties.Set(CallKey, call);
        }

        // Whatever a cancelled call ends with, an aborted socket for one, is the caller's doing: it takes nothing from the budget.
        if (context.CancellationToken.IsCancellationRequested)
        {
            call.Add(new ChatFailure { Kind = ChatFailureKind.Cancelled, Exception = exception });
            return;
        }

        call.Add(ChatFailureClassifier.Classify(exception, _timeProvider, context.CancellationToken));
        try
        {
            call.Decided(_policy.Decide(call.Failure!, call.Attempts, attempt.StartedAt, attempt.Budget, out var delay), delay);
            if (call.Result == RetryResult.Retried && _onRetry is not null)
            {
                await _onRetry(ArgumentsOf(call, context.CancellationToken));
            }
        }
        catch (Exception fault)
        {
            // The error of the model is what the caller has to know; that of the callback is the developer's.
            call.Decided(RetryResult.CallbackFailed, TimeSpan.Zero);
            if (!context.CancellationToken.IsCancellationRequested)
            {
                LogCallbackFailed(_logger, fault, call.Attempts, call.Model);
            }
        }

        Note(call, call.Failure!);
    }

    private void Note(RetryCall call, ChatFailure failure)
    {
        _metrics.Decided(call.Model, failure.Kind, call.Result);
        if (call.Result == RetryResult.Retried)
        {
            LogScheduled(_logger, call.Attempts, call.Model, failure.Kind, failure.StatusCode, call.Delay);
        }
        else if (call.Result is not (RetryResult.NotRetryable or RetryResult.CallbackFailed))
        {
            LogGivenUp(_logger, call.Attempts, call.Model, failure.Kind, failure.StatusCode, call.Result);
        }
    }

    private static RetryArguments ArgumentsOf(RetryCall call, CancellationToken cancellationToken) => new()
    {
        Attempt = call.Attempts,
        Failure = call.Failure!,
        Delay = call.Delay,
        Model = call.Model,
        CancellationToken = cancellationToken,
    };

    /// <summary>What the caller gets: the last error as it came, except that a refused retry keeps the error that made it necessary.</summary>
    private static Exception Final(ResilienceContext context, Exception exception)
    {
        if (context.Properties.TryGetValue(CallKey, out var call) && call is not null)
        {
            if (exception is AgentRequestRejectedException rejection && call.Previous is { } previous)
            {
                exception = new RetryRejectedException(
                    $"Attempt {call.Attempts} of model '{call.Model}' was refused: {rejection.Message} The attempt before it failed with: {previous.Exception.Message}",
                    previous.Exception)
                {
                    Rejection = rejection,
                    RetryAfter = rejection.RetryAfter,
                };
            }

            if (context.CancellationToken.IsCancellationRequested && exception is not OperationCanceledException)
            {
                exception = new OperationCanceledException(exception.Message, exception, context.CancellationToken);
            }

            RetryAttempts.Note(exception, call.Attempts);
        }

        ExceptionDispatchInfo.Throw(exception);
        return exception;
    }
}
