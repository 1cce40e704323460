using System.Runtime.CompilerServices;
using AgentHosting.Testing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing;

public sealed partial class ScriptedChatClient
{
    /// <inheritdoc />
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (request, record) = Begin(messages, options, streaming: false);
        var outcome = RequestOutcome.Completed;
        Exception? error = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await TurnPlayer.PlayAsync(Plan(request), TimeProvider, cancellationToken);
        }
        catch (Exception exception)
        {
            (outcome, error) = (OutcomeOf(exception, cancellationToken), exception);
            throw;
        }
        finally
        {
            End(record, outcome, error);
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (request, record) = Begin(messages, options, streaming: true);
        var outcome = RequestOutcome.Abandoned;
        Exception? error = null;
        IAsyncEnumerator<TurnUpdate>? updates = null;
        try
        {
            while (true)
            {
                TurnUpdate update;
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    updates ??= TurnPlayer.StreamAsync(Plan(request), TimeProvider, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    if (!await updates.MoveNextAsync())
                    {
                        outcome = RequestOutcome.Completed;
                        yield break;
                    }

                    update = updates.Current;
                }
                catch (Exception exception)
                {
                    (outcome, error) = (OutcomeOf(exception, cancellationToken), exception);
                    throw;
                }

                // A caller that stops right after the last update has had everything.
                outcome = update.IsLast ? RequestOutcome.Completed : RequestOutcome.Abandoned;
                yield return update.Update;
            }
        }
        finally
        {
            if (updates is not null)
            {
                await updates.DisposeAsync();
            }

            End(record, outcome, error);
        }
    }

    private static RequestOutcome OutcomeOf(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested ? RequestOutcome.Cancelled : RequestOutcome.Failed;

    private TurnPlan Plan(ScriptedRequest request) => TurnPlan.Create(_script.Next(request, Repeat), request, ModelId, TimeProvider.GetUtcNow());

    private (ScriptedRequest Request, RecordedChatRequest Record) Begin(IEnumerable<ChatMessage> messages, ChatOptions? options, bool streaming)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ChatMessage[] copy = [.. messages.Select(Copy)];
        ScriptedRequest request = null!;
        var record = _log.Begin(index =>
        {
            request = new ScriptedRequest { Messages = copy, Options = options?.Clone(), CallIndex = index, IsStreaming = streaming };
            return new RecordedChatRequest(request, TimeProvider.GetUtcNow());
        });
        return (request, record);
    }

    private void End(RecordedChatRequest record, RequestOutcome outcome, Exception? error) =>
        _log.End(() => record.Settle(outcome, TimeProvider.GetUtcNow(), error));

    private static ChatMessage Copy(ChatMessage message)
    {
        var copy = message.Clone();
        copy.Contents = [.. message.Contents];
        return copy;
    }
}
