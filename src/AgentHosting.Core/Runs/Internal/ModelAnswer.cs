using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using AgentHosting.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

#pragma warning disable MEAI001 // Continuation tokens are experimental: nothing of them is in our own API.

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Reads the answer to one model step. One that the provider works out in the background is noted in the store with its first token, before anything of it is shown, and read on
/// from there by whoever takes the run over. That token is kept, not each later one: what comes after it is then read again as a whole, so that the answer, its filtering
/// and its usage are those of an answer that nothing interrupted.
/// </summary>
internal sealed partial class ModelAnswer(
    IChatClient client,
    RunAttempt attempt,
    RunEventWriter events,
    IModelCatalog models,
    TimeProvider timeProvider,
    ILogger logger,
    string key,
    string fingerprint,
    AgentCallContext context,
    Func<AIContent, ValueTask> show,
    Func<ValueTask> restart)
{
    private readonly List<ChatResponseUpdate> _updates = [];
    private ModelNote? _noted;
    private bool _isAnew;

    public async Task<ChatResponse> ReadAsync(IEnumerable<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        var token = options.AllowBackgroundResponses == true && options.ContinuationToken is null ? await ResumeAsync() : null;
        while (true)
        {
            try
            {
                token = token is null
                    ? await StreamAsync(messages, options, cancellationToken)
                    : await StreamAsync([], Continued(options, token), cancellationToken);
            }
            catch (Exception exception) when (token is not null && !_isAnew && !cancellationToken.IsCancellationRequested && IsUnknown(exception))
            {
                // Once: a provider that forgets what it has just begun would be paid without end.
                _isAnew = true;
                token = null;
                LogTokenUnknown(logger, exception, attempt.Run.Id, key, _noted?.Model);
                _updates.Clear();
                context.Spend?.Begun = default;
                await restart();
                continue;
            }
            catch (Exception) when (_noted is not null && (context.Spend?.Begun ?? default) != _noted.Charged && attempt.StopReason == RunStopReason.None)
            {
                // What was seen of it was charged. Whoever reads it on, and is told the usage of the whole, must know.
                await NoteAsync(_noted.Token, _noted.Updates);
                throw;
            }

            if (token is null)
            {
                var response = _updates.ToChatResponse();
                response.ContinuationToken = null;
                return response;
            }

            await NoteAsync(token.ToBytes(), _updates);
            await Task.Delay(attempt.Agent.Options.BackgroundPollInterval, timeProvider, cancellationToken);
        }
    }

    /// <returns>The token to go on with, where the answer has begun and goes on.</returns>
    private async Task<ResponseContinuationToken?> StreamAsync(IEnumerable<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        ResponseContinuationToken? token = null;
        await foreach (var update in client.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            // A call that was left behind must not write into a step that has moved on.
            cancellationToken.ThrowIfCancellationRequested();
            _updates.Add(update);
            token = options.AllowBackgroundResponses == true ? update.ContinuationToken : null;
            if (token is not null && _noted is null)
            {
                await NoteAsync(token.ToBytes(), _updates);
            }

            foreach (var content in update.Contents)
            {
                await show(content);
            }
        }

        return token;
    }

    private async ValueTask<ResponseContinuationToken?> ResumeAsync()
    {
        if (attempt.FindNote(key) is not { } stored || ModelNote.Read(stored.Payload) is not { } note || note.Fingerprint != fingerprint || models.Find(note.Model) is null)
        {
            return null;
        }

        _noted = note;
        context.Spend?.Begun = note.Charged;
        LogContinued(logger, attempt.Run.Id, key, note.Model);
        foreach (var update in note.Updates)
        {
            _updates.Add(update);
            foreach (var content in update.Contents)
            {
                await show(content);
            }
        }

        return ResponseContinuationToken.FromBytes(note.Token);
    }

    private async ValueTask NoteAsync(ReadOnlyMemory<byte> token, IReadOnlyList<ChatResponseUpdate> updates)
    {
        // Who answers is not in the catalog where a fallback has a client of its own: it could not be found again, and is asked anew.
        if ((context.ServedByModel ?? _noted?.Model) is not { } model || models.Find(model) is null)
        {
            return;
        }

        var charged = context.Spend?.Begun ?? default;
        if (_noted is { } noted && noted.Token.Span.SequenceEqual(token.Span) && noted.Updates.Count == updates.Count && noted.Charged == charged)
        {
            return;
        }

        var note = new ModelNote { Token = token, Model = model, Fingerprint = fingerprint, Charged = charged, Updates = [.. updates] };
        await events.NoteStepAsync(new RunStepNote { Key = key, Version = JournalFormat.Version, Payload = ModelNote.Write(note) });
        _noted = note;
    }

    private ChatOptions Continued(ChatOptions options, ResponseContinuationToken token)
    {
        var continued = options.Clone();
        continued.ContinuationToken = token;
        // Nobody else knows the token.
        continued.ModelId = _noted?.Model ?? context.ServedByModel ?? options.ModelId;
        return continued;
    }

    /// <summary>Whether the provider says that there is nothing to go on with. A failure of another kind says nothing about the answer, which may be read later.</summary>
    private bool IsUnknown(Exception exception)
    {
        var failure = ChatFailureClassifier.Classify(exception, timeProvider, CancellationToken.None);
        return failure.StatusCode is 400 or 404 or 410 or 422 || exception is ArgumentException;
    }

    [LoggerMessage(EventIds.RunAnswerContinued, LogLevel.Information, "Run {RunId} reads on the answer to step {Step} that model '{Model}' began in the background.", EventName = "RunAnswerContinued")]
    private static partial void LogContinued(ILogger logger, string runId, string step, string model);

    [LoggerMessage(
        EventIds.RunAnswerUnknown,
        LogLevel.Warning,
        "Model '{Model}' does not know the answer to step {Step} of run {RunId} any more. The request is sent anew, and paid for again.",
        EventName = "RunAnswerUnknown")]
    private static partial void LogTokenUnknown(ILogger logger, Exception exception, string runId, string step, string? model);
}
