using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.Runs.Internal;

/// <summary>How many runs are where: what workers are scaled by.</summary>
internal sealed class RunMetrics
{
    private readonly Gauge<long>? _runs;
    private readonly Gauge<long>? _unfinishedBytes;
    private readonly Gauge<double>? _oldestReadyAge;
    private readonly Counter<long>? _abandoned;

    public RunMetrics(IMeterFactory? meterFactory)
    {
        var meter = meterFactory?.Create(AgentHostingDiagnostics.MeterName);
        _runs = meter?.CreateGauge<long>("agenthosting.runs", "{run}", "Runs in the store by where they are, over all processes.");
        _unfinishedBytes = meter?.CreateGauge<long>("agenthosting.runs.unfinished_bytes", "By", "Messages and journals of runs that are not done.");
        _oldestReadyAge = meter?.CreateGauge<double>("agenthosting.runs.oldest_ready_age", "s", "How long the oldest run that could start has waited for a worker.");
        _abandoned = meter?.CreateCounter<long>("agenthosting.runs.abandoned", "{call}", "Model calls and code of runs that did not stop when they were told to, and were left behind.");
    }

    /// <summary>Whether somebody looks, so that the store is to be asked.</summary>
    public bool IsEnabled => _runs is { Enabled: true } || _unfinishedBytes is { Enabled: true } || _oldestReadyAge is { Enabled: true };

    public void Abandoned(string agent) => _abandoned?.Add(1, new KeyValuePair<string, object?>(TagNames.Agent, agent));

    public void Record(RunStoreStatistics statistics)
    {
        Record("ready", statistics.Ready);
        Record("blocked", statistics.Blocked);
        Record("waiting", statistics.Waiting);
        Record("running", statistics.Running);
        Record("dead_letter", statistics.DeadLetters);
        _unfinishedBytes?.Record(statistics.UnfinishedBytes);
        _oldestReadyAge?.Record(statistics.OldestReadyAge.TotalSeconds);
    }

    private void Record(string state, long count) => _runs?.Record(count, new KeyValuePair<string, object?>(TagNames.RunState, state));
}
