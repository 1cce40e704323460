namespace AgentHosting.SpendLedgers.Internal;

/// <summary>
/// The latest rows, in a ring of plain values: kept as the objects that they came in, each call would leave some that live long enough to be moved by the
/// garbage collector. Used under the ledger's lock.
/// </summary>
internal sealed class SpendRows(int max)
{
    private const int FirstLength = 64;
    private Kept[] _ring = new Kept[Math.Min(max, FirstLength)];
    private int _next;
    private int _count;

    public void Add(SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
    {
        if (max == 0)
        {
            return;
        }

        // Until it has its full length the ring has not gone round, so that it grows at its end.
        if (_next == _ring.Length && _ring.Length < max)
        {
            Array.Resize(ref _ring, (int)Math.Min(max, _ring.Length * 2L));
        }

        _next = _next == _ring.Length ? 0 : _next;
        _ring[_next++] = new Kept(account, settlement, at);
        _count = Math.Min(_count + 1, _ring.Length);
    }

    /// <summary>Those that match, the latest first.</summary>
    public IEnumerable<SpendRow> Find(SpendQuery query)
    {
        for (var i = 1; i <= _count; i++)
        {
            var index = _next - i;
            var row = _ring[index < 0 ? index + _ring.Length : index].ToRow();
            if (SpendSumKey.Of(row.Account, row.At).Matches(query))
            {
                yield return row;
            }
        }
    }

    private readonly struct Kept(SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
    {
        private readonly string? _tenantId = account.TenantId;
        private readonly string? _userId = account.UserId;
        private readonly string? _sessionId = account.SessionId;
        private readonly string? _runId = account.RunId;
        private readonly string? _agent = account.Agent;
        private readonly string? _model = account.Model;
        private readonly string _id = settlement.Id;
        private readonly long _inputTokens = settlement.InputTokens;
        private readonly long _outputTokens = settlement.OutputTokens;
        private readonly long _cachedInputTokens = settlement.CachedInputTokens;
        private readonly long _cacheWriteTokens = settlement.CacheWriteTokens;
        private readonly long _reasoningTokens = settlement.ReasoningTokens;
        private readonly decimal? _cost = settlement.Cost;
        private readonly bool _isEstimated = settlement.IsEstimated;
        private readonly SpendOutcome _outcome = settlement.Outcome;
        private readonly DateTimeOffset _at = at;

        public SpendRow ToRow() => new()
        {
            Account = new SpendAccount { TenantId = _tenantId, UserId = _userId, SessionId = _sessionId, RunId = _runId, Agent = _agent, Model = _model },
            Settlement = new SpendSettlement
            {
                Id = _id,
                InputTokens = _inputTokens,
                OutputTokens = _outputTokens,
                CachedInputTokens = _cachedInputTokens,
                CacheWriteTokens = _cacheWriteTokens,
                ReasoningTokens = _reasoningTokens,
                Cost = _cost,
                IsEstimated = _isEstimated,
                Outcome = _outcome,
            },
            At = _at,
        };
    }
}
