namespace AgentHosting.SpendLedgers.Internal;

/// <summary>A sum of requests: those of one key, or of several.</summary>
internal sealed class SpendSum(in SpendSumKey key = default)
{
    private readonly SpendSumKey _key = key;
    private long _calls;
    private long _estimated;
    private long _unpriced;
    private long _input;
    private long _output;
    private long _cached;
    private decimal _cost;

    public ref readonly SpendSumKey Key => ref _key;

    public void Add(SpendSettlement settlement) => Add(settlement, 1);

    public void Remove(SpendSettlement settlement) => Add(settlement, -1);

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

    public SpendSummary ToSummary(string? tenantId, string key) => new()
    {
        TenantId = tenantId,
        Key = key,
        Calls = _calls,
        EstimatedCalls = _estimated,
        UnpricedCalls = _unpriced,
        InputTokens = _input,
        OutputTokens = _output,
        CachedInputTokens = _cached,
        Cost = _cost,
    };

    private void Add(SpendSettlement settlement, int times)
    {
        _calls += times;
        _estimated += settlement.IsEstimated ? times : 0;
        _unpriced += settlement.Cost is null ? times : 0;
        _input += times * settlement.InputTokens;
        _output += times * settlement.OutputTokens;
        _cached += times * settlement.CachedInputTokens;
        _cost += times < 0 ? -(settlement.Cost ?? 0) : settlement.Cost ?? 0;
    }
}
