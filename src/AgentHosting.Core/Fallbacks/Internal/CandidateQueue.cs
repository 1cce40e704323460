using AgentHosting.Failures;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>The models of one call, in order, each handed out once. Notes those that cannot take the request, and why.</summary>
internal sealed class CandidateQueue(
    IReadOnlyList<FallbackCandidate> candidates, int maxAttempts, bool withoutHistory, ITokenCounter counter, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
{
    private readonly Dictionary<string, string> _skipped = new(StringComparer.Ordinal);
    private int _next;
    private int _handedOut;
    private long? _estimate;
    private int _tooSmall;

    public IReadOnlyDictionary<string, string> Skipped => _skipped;

    /// <summary>The model that was tried first.</summary>
    public FallbackCandidate? First { get; private set; }

    /// <summary>Whether a model was passed over because the call's history is with another one's provider.</summary>
    public bool KeptHistory { get; private set; }

    public FallbackCandidate? Next()
    {
        while (_next < candidates.Count && _handedOut < maxAttempts)
        {
            var candidate = candidates[_next++];
            if (Reason(candidate) is { } reason)
            {
                _skipped.TryAdd(candidate.Name, reason);
                continue;
            }

            _handedOut++;
            First ??= candidate;
            return candidate;
        }

        for (var i = _next; i < candidates.Count; i++)
        {
            _skipped.TryAdd(candidates[i].Name, $"MaxAttempts is {maxAttempts}");
        }

        return null;
    }

    /// <summary>After a model found the request too long, only models with a larger window, or one that is not known, may follow.</summary>
    public void Note(FallbackCandidate candidate, ChatFailure failure)
    {
        if (failure.Kind == ChatFailureKind.ContextWindow && candidate.Limits?.ContextWindow is { } window)
        {
            _tooSmall = Math.Max(_tooSmall, window);
        }
    }

    private string? Reason(FallbackCandidate candidate)
    {
        if (candidate.Misses(messages, options) is { } reason)
        {
            return reason;
        }

        if (!candidate.IsRequested && !withoutHistory && HasHistoryElsewhere())
        {
            KeptHistory = true;
            return "the history of this conversation is kept by the provider that was asked first (to answer without it, set FallbackOptions.FallBackWithoutHistory)";
        }

        // Whether the model that was asked for has room, its provider knows better than an estimate: when it has not, it says so, and the next one is tried.
        if (candidate.IsRequested || candidate.Limits?.ContextWindow is not { } window)
        {
            return null;
        }

        if (window <= _tooSmall)
        {
            return $"its context window of {window} tokens is no larger than the one that was too small";
        }

        _estimate ??= counter.CountInput(messages, options) + (options?.MaxOutputTokens ?? 0);
        return _estimate > window ? $"its context window of {window} tokens is too small for an estimated {_estimate}" : null;
    }

#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
    private bool HasHistoryElsewhere() => options is { ConversationId: not null } or { ContinuationToken: not null };
#pragma warning restore MEAI001
}
