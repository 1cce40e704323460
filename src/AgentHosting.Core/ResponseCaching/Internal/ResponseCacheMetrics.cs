using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>Counts what became of requests. Without an <see cref="IMeterFactory"/> nothing is counted.</summary>
internal sealed class ResponseCacheMetrics
{
    private readonly Counter<long>? _requests;
    private readonly Counter<long>? _savedTokens;

    public ResponseCacheMetrics(IMeterFactory? factory)
    {
        var meter = factory?.Create(AgentHostingDiagnostics.MeterName);
        _requests = meter?.CreateCounter<long>("agenthosting.response_cache.requests", "{request}", "Requests, and failures of the shared cache, by result.");
        _savedTokens = meter?.CreateCounter<long>("agenthosting.response_cache.saved_tokens", "{token}", "Tokens of answers that were not asked for again.");
    }

    public void Hit(CachedAnswer answer, string level)
    {
        if (_requests is { Enabled: true })
        {
            _requests.Add(1, new(TagNames.ResponseCacheResult, "hit"), new(TagNames.ResponseCacheLevel, level));
        }

        Saved(answer);
    }

    public void Joined(CachedAnswer? answer)
    {
        Count("joined");
        Saved(answer);
    }

    public void Missed() => Count("miss");

    public void Bypassed() => Count("bypass");

    public void Refreshed() => Count("refresh");

    /// <summary>The shared cache or the embedding generator failed or was too slow. The request is counted besides, as what became of it.</summary>
    public void Failed() => Count("error");

    private void Count(string result) => _requests?.Add(1, new KeyValuePair<string, object?>(TagNames.ResponseCacheResult, result));

    private void Saved(CachedAnswer? answer)
    {
        if (_savedTokens is { Enabled: true } && answer is { Tokens: > 0 })
        {
            _savedTokens.Add(answer.Tokens);
        }
    }
}
