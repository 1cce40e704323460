using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.RateLimits.Internal;

internal sealed class RateLimitMetrics
{
    private readonly Counter<long>? _requests;
    private readonly Histogram<double>? _wait;
    private readonly Counter<long>? _runs;
    private readonly Counter<long>? _failures;

    public RateLimitMetrics(IMeterFactory? meterFactory)
    {
        var meter = meterFactory?.Create(AgentHostingDiagnostics.MeterName);
        _requests = meter?.CreateCounter<long>("agenthosting.rate_limit.requests", "{request}", "Requests to models by what their rate limit did about them.");
        _wait = meter?.CreateHistogram<double>("agenthosting.rate_limit.wait", "s", "How long requests that were granted had waited for it.");
        _runs = meter?.CreateCounter<long>("agenthosting.rate_limit.runs", "{run}", "Submissions of runs by what the limits of the host did about them.");
        _failures = meter?.CreateCounter<long>("agenthosting.rate_limit.limiter_failures", "{failure}", "Steps that the limiter could not take.");
    }

    public void Request(string model, string result)
    {
        if (_requests is { Enabled: true } counter)
        {
            counter.Add(1, new KeyValuePair<string, object?>(TagNames.Model, model), new KeyValuePair<string, object?>(TagNames.RateLimitResult, result));
        }
    }

    public void Waited(string model, TimeSpan time) => _wait?.Record(time.TotalSeconds, new KeyValuePair<string, object?>(TagNames.Model, model));

    public void Run(string result) => _runs?.Add(1, new KeyValuePair<string, object?>(TagNames.RateLimitResult, result));

    public void LimiterFailed() => _failures?.Add(1);
}
