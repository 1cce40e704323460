using System.Runtime.CompilerServices;
using AgentHosting.Failures;
using AgentHosting.Stages.Internal;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using StreamContent = AgentHosting.Streaming.Internal.StreamContent;

namespace AgentHosting.Timeouts.Internal;

/// <summary>Cuts calls that take too long, also those that do not listen to their token. May stand anywhere in a pipeline, and more than once.</summary>
internal sealed partial class TimeoutChatClient(
    IChatClient innerClient, TimeoutOptions options, TimeProvider timeProvider, ILogger logger, TimeoutMetrics metrics) : DelegatingChatClient(ProviderBoundary.Around(innerClient))
{
    private readonly CallDeadlines _deadlines = new(timeProvider);
    private readonly TimeSpan? _total = options.Total;
    private readonly TimeSpan? _firstToken = options.FirstToken;
    private readonly TimeSpan? _idle = options.Idle;
    private readonly string _name = options.Name;

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (_total is null)
        {
            return base.GetResponseAsync(messages, options, cancellationToken);
        }

        var deadline = _deadlines.Rent();
        deadline.Start(_total, cancellationToken);
        deadline.BeginWait(null);
        Task<ChatResponse> call;
        try
        {
            call = InnerClient.GetResponseAsync(messages, options, deadline.Token);
        }
        catch
        {
            _deadlines.Return(deadline);
            throw;
        }

        if (call.IsCompletedSuccessfully)
        {
            _deadlines.Return(deadline);
            return call;
        }

        return WaitForResponseAsync(call, deadline, options, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        _total is null && _firstToken is null && _idle is null
            ? base.GetStreamingResponseAsync(messages, options, cancellationToken)
            : StreamAsync(messages, options, cancellationToken);

    private async Task<ChatResponse> WaitForResponseAsync(
        Task<ChatResponse> call, CallDeadline deadline, ChatOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            return await WaitAsync(call, deadline, options);
        }
        catch (Exception exception) when (IsOurs(exception, deadline, cancellationToken))
        {
            throw Translate(exception, deadline, _total, _name, nameof(TimeoutOptions.Total), options, cancellationToken);
        }
        finally
        {
            _deadlines.Return(deadline);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var deadline = _deadlines.Rent();
        deadline.Start(_total, cancellationToken);
        AbandonableStream? updates = null;
        var (hasContent, isFinished, hasFailed, firstTokenLeft) = (false, false, false, _firstToken);
        try
        {
            updates = new AbandonableStream(
                InnerClient.GetStreamingResponseAsync(messages, options, deadline.Token).GetAsyncEnumerator(deadline.Token), timeProvider, deadline.Token);
            while (true)
            {
                bool moved;
                try
                {
                    var next = updates.MoveNextAsync();
                    if (next.IsCompleted)
                    {
                        moved = await next;
                    }
                    else
                    {
                        // Only what is waited for counts: the time between two steps is the reader's.
                        deadline.BeginWait(hasContent || isFinished ? _idle : firstTokenLeft);
                        moved = await next;
                        var waited = deadline.EndWait();
                        firstTokenLeft = firstTokenLeft is { } left && !hasContent ? Remaining(left, waited) : firstTokenLeft;
                    }

                    // A stream that goes on although its token was cancelled is cut here.
                    if (deadline.Passed)
                    {
                        throw new OperationCanceledException(deadline.Token);
                    }
                }
                catch (Exception exception)
                {
                    hasFailed = true;
                    if (!IsOurs(exception, deadline, cancellationToken))
                    {
                        throw;
                    }

                    if (updates.IsAbandoned)
                    {
                        LogAbandoned(logger, ModelOf(options));
                    }

                    var translated = Translate(exception, deadline, hasContent || isFinished, options, cancellationToken);
                    if (isFinished && translated is ChatTimeoutException)
                    {
                        // The answer is whole, only its stream was not closed.
                        break;
                    }

                    throw translated;
                }

                if (!moved)
                {
                    break;
                }

                hasContent = hasContent || StreamContent.HasContent(updates.Current);
                if (!isFinished && updates.Current.FinishReason is not null)
                {
                    isFinished = true;
                    if (_idle is not null)
                    {
                        deadline.Unlimit();
                    }
                }

                yield return updates.Current;
            }
        }
        finally
        {
            if (updates is not null)
            {
                await (hasFailed ? FailedStream.DisposeAsync(updates) : updates.DisposeAsync());
            }

            _deadlines.Return(deadline);
        }
    }

    private static TimeSpan Remaining(TimeSpan left, TimeSpan waited) => waited < left ? left - waited : TimeSpan.Zero;

    /// <summary>Waits for the call, or until it has ignored its cancellation for too long.</summary>
    private async Task<ChatResponse> WaitAsync(Task<ChatResponse> call, CallDeadline deadline, ChatOptions? options)
    {
        try
        {
            return await call.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (call.IsCompletedSuccessfully)
        {
            // Done as its time was up: what has been paid for is the answer, not a reason to ask again.
            return await call;
        }
        catch (OperationCanceledException) when (!call.IsCompleted)
        {
            await BoundedCall.LeaveAsync(call, timeProvider, () => LogAbandoned(logger, ModelOf(options)));
            throw;
        }
    }

    private static bool IsOurs(Exception exception, CallDeadline deadline, CancellationToken cancellationToken) =>
        deadline.Passed || (exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private Exception Translate(Exception exception, CallDeadline deadline, bool hasContent, ChatOptions? options, CancellationToken cancellationToken) =>
        deadline.TotalPassed ? Translate(exception, deadline, _total, _name, nameof(TimeoutOptions.Total), options, cancellationToken)
        : hasContent ? Translate(exception, deadline, _idle, "idle stream", nameof(TimeoutOptions.Idle), options, cancellationToken)
        : Translate(exception, deadline, _firstToken, "first token", nameof(TimeoutOptions.FirstToken), options, cancellationToken);

    private Exception Translate(
        Exception exception, CallDeadline deadline, TimeSpan? timeout, string limit, string option, ChatOptions? options, CancellationToken cancellationToken)
    {
        if (!deadline.Passed || cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException(exception.Message, exception, cancellationToken);
        }

        var model = ModelOf(options);
        metrics.TimedOut(model, limit);
        LogTimedOut(logger, model, limit, timeout);
        return new ChatTimeoutException(
            $"The call of model '{model}' passed its limit '{limit}' of {timeout}. If the model needs longer, raise TimeoutOptions.{option}.", exception)
        {
            Limit = limit,
            Timeout = timeout ?? TimeSpan.Zero,
        };
    }

    private string ModelOf(ChatOptions? options) => options?.ModelId ?? InnerClient.GetService<ChatClientMetadata>()?.DefaultModelId ?? "default";
}
