namespace AgentHosting.SpendLedgers.Internal;

/// <summary>A sum of requests.</summary>
internal sealed class SpendSum
{
    private long _calls;
    private long _estimated;
    private long _unpriced;
    private long _input;
    private long _output;
    private long _cached;
    private decimal _cost;

    public void Add(SpendSettlement settlement)
    {
        _calls++;
        _estimated += settlement.IsEstimated ? 1 : 0;
        _unpriced += settlement.Cost is null ? 1 : 0;
        _input += settlement.InputTokens;
        _output += settlement.OutputTokens;
        _cached += settlement.CachedInputTokens;
        _cost += settlement.Cost ?? 0;
    }

    public void Add(SpendSum other)
    {
        _calls += other._calls;
        _estimated += other._estimated;
        _unpriced += other._unpriced;
        _input += other._input;
        _output += other._output;
        _cached += other._cached;
        _cost += other._cost;
    }

    public SpendSummary ToSummary(string key) => new()
    {
        Key = key,
        Calls = _calls,
        EstimatedCalls = _estimated,
        UnpricedCalls = _unpriced,
        InputTokens = _input,
        OutputTokens = _output,
        CachedInputTokens = _cached,
        Cost = _cost,
    };
}
