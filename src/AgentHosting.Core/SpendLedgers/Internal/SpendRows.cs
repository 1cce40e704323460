namespace AgentHosting.SpendLedgers.Internal;

/// <summary>
/// The latest rows, in a ring of plain values: kept as the objects that they came in, each call would leave some that live long enough to be moved by the
/// garbage collector. Used under the ledger's lock.
/// </summary>
internal sealed class SpendRows(int max)
{
    private const int FirstLength = 64;
    private Kept[] _ring = new Kept[Math.Min(max, FirstLength)];
    private long _added;

    /// <returns>The number of the row, by which it may be replaced.</returns>
    public long Add(SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
    {
        if (max == 0)
        {
            return -1;
        }

        // Until it has its full length the ring has not gone round, so that it grows at its end.
        if (_added == _ring.Length && _ring.Length < max)
        {
            Array.Resize(ref _ring, (int)Math.Min(max, _ring.Length * 2L));
        }

        At(_added) = new Kept(account, settlement, at);
        return _added++;
    }

    /// <summary>Another settlement for the same request. A row that newer ones have taken the place of is left alone.</summary>
    public void Replace(long number, SpendSettlement settlement)
    {
        if (number >= Math.Max(0, _added - _ring.Length))
        {
            At(number) = At(number).With(settlement);
        }
    }

    /// <summary>Adds those of a few rows that match, the latest first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="next">The row to begin with, or one that is not there yet for the latest.</param>
    /// <param name="few">How many to look at.</param>
    /// <param name="max">The most to have in the end.</param>
    /// <param name="found">Where to add them.</param>
    /// <returns>The row to go on with; <see langword="null"/> at the end.</returns>
    public long? Find(SpendQuery query, long next, int few, int max, List<SpendRow> found)
    {
        next = Math.Min(next, _added - 1);
        for (var oldest = Math.Max(0, _added - _ring.Length); few > 0; few--, next--)
        {
            if (next < oldest || found.Count >= max)
            {
                return null;
            }

            ref var row = ref At(next);
            if (row.Key.Matches(query))
            {
                found.Add(row.ToRow());
            }
        }

        return next;
    }

    private ref Kept At(long number) => ref _ring[number % max];

    private readonly struct Kept(SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
    {
        private readonly string? _tenantId = account.TenantId;
        private readonly string? _userId = account.UserId;
        private readonly string? _sessionId = account.SessionId;
        private readonly string? _runId = account.RunId;
        private readonly string? _agent = account.Agent;
        private readonly string? _model = account.Model;
        private readonly SpendRowId _id = new(settlement.Id);
        private readonly long _inputTokens = settlement.InputTokens;
        private readonly long _outputTokens = settlement.OutputTokens;
        private readonly long _cachedInputTokens = settlement.CachedInputTokens;
        private readonly long _cacheWriteTokens = settlement.CacheWriteTokens;
        private readonly long _reasoningTokens = settlement.ReasoningTokens;
        private readonly decimal? _cost = settlement.Cost;
        private readonly bool _isEstimated = settlement.IsEstimated;
        private readonly SpendOutcome _outcome = settlement.Outcome;
        private readonly DateTimeOffset _at = at;

        public SpendSumKey Key => new(DateOnly.FromDateTime(_at.UtcDateTime), _tenantId, _userId, _agent, _model);

        public Kept With(SpendSettlement settlement) => new(Account(), settlement, _at);

        private SpendAccount Account() =>
            new() { TenantId = _tenantId, UserId = _userId, SessionId = _sessionId, RunId = _runId, Agent = _agent, Model = _model };

        public SpendRow ToRow() => new()
        {
            Account = Account(),
            Settlement = new SpendSettlement
            {
                Id = _id.ToString(),
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
