using System.Runtime.CompilerServices;
using AgentHosting.Stages.Internal;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>Refuses calls to a model that fails. The outcome of a stream is known at its end, so its permit comes back there.</summary>
internal sealed partial class CircuitBreakerChatClient : StageChatClient
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var entering = EnterAsync(options, cancellationToken);
        if (!entering.IsCompletedSuccessfully)
        {
            return AskAsync(entering, messages, options, cancellationToken);
        }

        var permit = entering.Result;
        var call = Ask(messages, options, cancellationToken);
        if (!call.IsCompletedSuccessfully)
        {
            return FinishAsync(call, permit, cancellationToken);
        }

        var report = ReportAsync(permit, OutcomeOf(call.Result), TimeSpan.Zero);
        return report.IsCompletedSuccessfully ? call : AfterAsync(report, call);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var permit = await EnterAsync(options, cancellationToken);
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        // A caller that stops early says nothing about the model, unless it has had everything.
        var outcome = CircuitOutcome.Neutral;
        var goesOn = false;
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
                        outcome = outcome == CircuitOutcome.Success || goesOn ? CircuitOutcome.Success : CircuitOutcome.Failure;
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

                goesOn = BackgroundAnswer.GoesOn(updates.Current);

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

    private async Task<ChatResponse> AskAsync(
        ValueTask<CircuitPermit?> entering, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var permit = await entering;
        return await FinishAsync(Ask(messages, options, cancellationToken), permit, cancellationToken);
    }

    // A client that throws instead of returning a failed task gives its permit back too.
    private Task<ChatResponse> Ask(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            return base.GetResponseAsync(messages, options, cancellationToken);
        }
        catch (Exception exception)
        {
            return Task.FromException<ChatResponse>(exception);
        }
    }

    private async Task<ChatResponse> FinishAsync(Task<ChatResponse> call, CircuitPermit? permit, CancellationToken cancellationToken)
    {
        ChatResponse response;
        try
        {
            response = await call;
        }
        catch (Exception exception)
        {
            await FailAsync(permit, exception, cancellationToken);
            throw;
        }

        await ReportAsync(permit, OutcomeOf(response), TimeSpan.Zero);
        return response;
    }

    private static async Task<ChatResponse> AfterAsync(ValueTask report, Task<ChatResponse> call)
    {
        await report;
        return await call;
    }

    private static CircuitOutcome OutcomeOf(ChatResponse response) => CompleteAnswer.Is(response) ? CircuitOutcome.Success : CircuitOutcome.Failure;
}
