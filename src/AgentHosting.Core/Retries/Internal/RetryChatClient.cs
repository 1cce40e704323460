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

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var attempt = Begin(messages, options);
        Task<ChatResponse> first;
        try
        {
            first = InnerClient.GetResponseAsync(attempt.Messages, options, cancellationToken);
        }
        catch (Exception exception)
        {
            first = Task.FromException<ChatResponse>(exception);
        }

        return first.IsCompletedSuccessfully && CompleteAnswer.Is(first.Result) ? first : FinishAsync(first, attempt, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        HeldUpdates.From(
            static (call, token) => call.Client.OpenWithRetriesAsync(call.Messages, call.Options, token),
            (Client: this, Messages: messages, Options: options),
            cancellationToken);

    private async Task<ChatResponse> FinishAsync(Task<ChatResponse> first, RetryAttempt attempt, CancellationToken cancellationToken)
    {
        Exception failure;
        try
        {
            return CompleteAnswer.Checked(await first);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        return await RetryAsync(
            failure, attempt, static (client, attempt, token) => new ValueTask<ChatResponse>(client.AskAsync(attempt, token)), cancellationToken);
    }

    private async ValueTask<HeldStream> OpenWithRetriesAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var attempt = Begin(messages, options);
        Exception failure;
        try
        {
            return await OpenAsync(attempt, cancellationToken);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        return await RetryAsync(failure, attempt, static (client, attempt, token) => client.OpenAsync(attempt, token), cancellationToken);
    }

    /// <summary>Goes on after the first attempt has failed. Polly's loop begins with that failure: a call that succeeds at once does not pay for the loop.</summary>
    private async ValueTask<T> RetryAsync<T>(
        Exception failure, RetryAttempt attempt, Func<RetryChatClient, RetryAttempt, CancellationToken, ValueTask<T>> again, CancellationToken cancellationToken)
    {
        var call = new RetryCall(attempt.Model);
        await DecideAsync(call, attempt, failure, cancellationToken);
        if (call.Result != RetryResult.Retried)
        {
            throw Final(call, failure, cancellationToken);
        }

        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        context.Properties.Set(CallKey, call);
        try
        {
            var outcome = await _pipeline.ExecuteOutcomeAsync(
                static async (context, state) =>
                {
                    if (state.call.TakeFirst(state.failure) is { } first)
                    {
                        return Outcome.FromException<T>(first);
                    }

                    try
                    {
                        return Outcome.FromResult(await state.again(state.attempt.Client, state.attempt, context.CancellationToken));
                    }
                    catch (Exception exception)
                    {
                        await state.attempt.Client.DecideAsync(state.call, state.attempt, exception, context.CancellationToken);
                        return Outcome.FromException<T>(exception);
                    }
                },
                context,
                (call, attempt, failure, again));
            return outcome.Exception is null ? outcome.Result! : throw Final(call, outcome.Exception, cancellationToken);
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

    private async Task<ChatResponse> AskAsync(RetryAttempt attempt, CancellationToken cancellationToken) =>
        CompleteAnswer.Checked(await InnerClient.GetResponseAsync(attempt.Messages, attempt.Options, cancellationToken));

    private ValueTask<HeldStream> OpenAsync(RetryAttempt attempt, CancellationToken cancellationToken) =>
        HeldStream.OpenAsync(InnerClient.GetStreamingResponseAsync(attempt.Messages, attempt.Options, cancellationToken), cancellationToken);

    private async ValueTask DecideAsync(RetryCall call, RetryAttempt attempt, Exception exception, CancellationToken cancellationToken)
    {
        // Whatever a cancelled call ends with, an aborted socket for one, is the caller's doing: it takes nothing from the budget.
        if (cancellationToken.IsCancellationRequested)
        {
            call.Add(new ChatFailure { Kind = ChatFailureKind.Cancelled, Exception = exception });
            return;
        }

        call.Add(ChatFailureClassifier.Classify(exception, _timeProvider, cancellationToken));
        try
        {
            call.Decided(_policy.Decide(call.Failure!, call.Attempts, attempt.StartedAt, attempt.Budget, out var delay), delay);
            if (call.Result == RetryResult.Retried && _onRetry is not null)
            {
                await _onRetry(ArgumentsOf(call, cancellationToken));
            }
        }
        catch (Exception fault)
        {
            // The error of the model is what the caller has to know; that of the callback is the developer's.
            call.Decided(RetryResult.CallbackFailed, TimeSpan.Zero);
            if (!cancellationToken.IsCancellationRequested)
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
    private static Exception Final(RetryCall call, Exception exception, CancellationToken cancellationToken)
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

        if (cancellationToken.IsCancellationRequested && exception is not OperationCanceledException)
        {
            exception = new OperationCanceledException(exception.Message, exception, cancellationToken);
        }

        RetryAttempts.Note(exception, call.Attempts);
        ExceptionDispatchInfo.Throw(exception);
        return exception;
    }
}
