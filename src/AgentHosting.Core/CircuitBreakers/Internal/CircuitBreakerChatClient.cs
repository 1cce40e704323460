using System.Runtime.CompilerServices;
using AgentHosting.Stages.Internal;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>Refuses calls to a model that fails. The outcome of a stream is known at its end, so its permit comes back there.</summary>
internal sealed partial class CircuitBreakerChatClient : StageChatClient
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var permit = await EnterAsync(options, cancellationToken);
        ChatResponse response;
        CircuitOutcome outcome;
        try
        {
            response = await base.GetResponseAsync(messages, options, cancellationToken);
            outcome = CompleteAnswer.Is(response) ? CircuitOutcome.Success : CircuitOutcome.Failure;
        }
        catch (Exception exception)
        {
            await FailAsync(permit, exception, cancellationToken);
            throw;
        }

        await ReportAsync(permit, outcome, TimeSpan.Zero);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var permit = await EnterAsync(options, cancellationToken);
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        // A caller that stops early says nothing about the model, unless it has had everything.
        var outcome = CircuitOutcome.Neutral;
        Exception? failure = null;
        try
        {
            while (true)
            {
                try
                {
                    updates ??= base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    if (!await updates.MoveNextAsync())
                    {
                        outcome = outcome == CircuitOutcome.Success ? outcome : CircuitOutcome.Failure;
                        break;
                    }
                }
                catch (Exception exception)
                {
                    failure = exception;
                    throw;
                }

                if (updates.Current.FinishReason is not null)
                {
                    outcome = CircuitOutcome.Success;
                }

                yield return updates.Current;
            }
        }
        finally
        {
            try
            {
                if (updates is not null)
                {
                    await (failure is null ? updates.DisposeAsync() : FailedStream.DisposeAsync(updates));
                }
            }
            finally
            {
                await (failure is null ? ReportAsync(permit, outcome, TimeSpan.Zero) : FailAsync(permit, failure, cancellationToken));
            }
        }
    }
}
