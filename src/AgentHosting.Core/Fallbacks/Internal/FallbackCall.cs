using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>One call on its way through the models: what was tried, what is left, and how it ends.</summary>
internal sealed partial class FallbackCall(
    FallbackSettings settings, CandidateQueue candidates, IReadOnlyList<ChatMessage> messages, ChatOptions? options, bool hedges, CancellationToken cancellationToken) : IDisposable
{
    private readonly List<FallbackAttempt> _attempts = [];
    private readonly AgentCallContext? _context = options.GetAgentContext();
    private CancellationTokenSource? _winner;
    private Exception? _firstError;
    private bool _stopped;

    /// <summary>Whether the message of last resort may stand for an answer: providers failed, and nobody's request or budget is to blame.</summary>
    public bool MayDegrade => settings.LastResortMessage is not null && !_stopped && !cancellationToken.IsCancellationRequested
        && _attempts.Exists(attempt => IsOfProvider(attempt.Failure));

    /// <summary>Finds a model that answers.</summary>
    /// <param name="failed">How the first model failed, when it has been tried already.</param>
    /// <param name="started">When it was called.</param>
    /// <returns>Its answer, or <see langword="null"/> when no model is left.</returns>
    public async Task<TResult?> FindAsync<TResult, TShape>(Exception? failed, long started)
        where TResult : class
        where TShape : struct, ICallShape<TResult>
    {
        var candidate = candidates.Next();
        if (failed is not null && candidate is not null)
        {
            candidate = await FailAsync(candidate, failed, started, isLast: true);
        }

        return await (hedges ? HedgeAsync<TResult, TShape>(candidate) : TryInTurnAsync<TResult, TShape>(candidate));
    }

    public void Dispose() => _winner?.Dispose();

    private async Task<TResult?> TryInTurnAsync<TResult, TShape>(FallbackCandidate? candidate)
        where TResult : class
        where TShape : struct, ICallShape<TResult>
    {
        while (candidate is not null)
        {
            // A client that does not listen to its token would answer a caller that has gone.
            cancellationToken.ThrowIfCancellationRequested();
            var started = settings.TimeProvider.GetTimestamp();
            try
            {
                var result = await TShape.CallAsync(candidate.Client, messages, candidate.OptionsFor(options, context: null), cancellationToken);
                Served(candidate);
                return result;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                candidate = await FailAsync(candidate, exception, started, isLast: true);
            }
        }

        return null;
    }

    /// <summary>Notes a failure and returns the model to try next, or <see langword="null"/>.</summary>
    private async ValueTask<FallbackCandidate?> FailAsync(FallbackCandidate candidate, Exception exception, long started, bool isLast)
    {
        var failure = ChatFailureClassifier.Classify(exception, settings.TimeProvider, cancellationToken);
        _attempts.Add(new FallbackAttempt { Model = candidate.Name, Failure = failure, Duration = settings.TimeProvider.GetElapsedTime(started) });
        if (candidate == candidates.First)
        {
            _firstError = exception;
        }

        candidates.Note(candidate, failure);
        try
        {
            if (_stopped || !settings.FallsBack(failure))
            {
                _stopped = true;
                return null;
            }

            // While another model is still at work on the call, that one is the next.
            if (!isLast || candidates.Next() is not { } next)
            {
                return null;
            }

            if (settings.OnFallback is { } onFallback)
            {
                await onFallback(
                    new FallbackArguments { FailedModel = candidate.Name, Failure = failure, NextModel = next.Name, Attempts = _attempts.Count }, cancellationToken);
            }

            settings.Metrics.Switched(candidate.Name, failure.Kind);
            FallbackLog.Used(settings.Logger, candidate.Name, failure.Kind, next.Name);
            return next;
        }
        catch (Exception fault)
        {
            // A callback that stops because the caller has gone has no fault.
            cancellationToken.ThrowIfCancellationRequested();

            // The error of the model is what the caller has to know; that of the callback is the developer's.
            FallbackLog.CallbackFailed(settings.Logger, fault, candidate.Name);
            _stopped = true;
            return null;
        }
    }

    private void Served(FallbackCandidate candidate)
    {
        // A client of its own has no catalog below it to say who answered.
        if (candidate is { ModelId: null, IsRequested: false } && _context is { } context)
        {
            context.ServedByModel = candidate.Name;
        }
    }

    /// <summary>What the caller gets when no model is left.</summary>
    public Exception Exhausted()
    {
        if (_attempts.Count == 0)
        {
            return new AgentRequestRejectedException(
                $"No model can take this request: {Reasons()}. Add a model that can to FallbackOptions.Models, or change what the request asks for.");
        }

        var last = _attempts[^1];
        if (!_stopped)
        {
            FallbackLog.Exhausted(settings.Logger, _attempts.Count, last.Model, last.Failure.Kind);
        }

        // A hedge may have failed before it.
        var first = _firstError ?? _attempts[0].Failure.Exception;
        if (_attempts.Count == 1 && (_stopped || !candidates.KeptHistory))
        {
            return first;
        }

        var tried = string.Join(", ", _attempts.Select(static attempt => $"'{attempt.Model}' ({attempt.Failure.Kind}: {attempt.Failure.Exception.GetType().Name})"));
        var failed = _attempts.Count == 1 ? "The model failed" : $"All {_attempts.Count} models failed";
        return new AllModelsFailedException(
            $"{failed}: {tried}.{(candidates.Skipped.Count > 0 ? $" Not tried: {Reasons()}." : "")} The inner exception is the first model's; Attempts holds all.",
            first)
        {
            Attempts = _attempts,
            Skipped = candidates.Skipped,
        };
    }

    private bool IsOfProvider(ChatFailure failure) => failure switch
    {
        { Exception: CircuitOpenException } => true,
        // A retry that was refused carries what the provider had said before.
        { Kind: ChatFailureKind.Rejected, Exception.InnerException: { } cause } =>
            IsOfProvider(ChatFailureClassifier.Classify(cause, settings.TimeProvider, cancellationToken)),
        _ => failure.Kind is ChatFailureKind.Transient or ChatFailureKind.RateLimited or ChatFailureKind.TimedOut
            or ChatFailureKind.Authentication or ChatFailureKind.Unknown,
    };

    private string Reasons() => string.Join("; ", candidates.Skipped.Select(static entry => $"'{entry.Key}': {entry.Value}"));
}
