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

    /// <param name="sum">The sum that it is part of, which knows the most of whose it is.</param>
    /// <param name="account">To whom it is charged.</param>
    /// <param name="settlement">What it has cost.</param>
    /// <param name="at">When.</param>
    /// <returns>The number of the row, by which it may be replaced.</returns>
    public long Add(SpendSum sum, SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
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

        At(_added).Write(sum, account, settlement, at);
        return _added++;
    }

    /// <summary>Another settlement for the same request. A row that newer ones have taken the place of is left alone.</summary>
    public void Replace(long number, SpendSettlement settlement)
    {
        if (number >= Math.Max(0, _added - _ring.Length))
        {
            At(number).Write(settlement);
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
            if (row.Sum.Key.Matches(query))
            {
                found.Add(row.ToRow());
            }
        }

        return next;
    }

    private ref Kept At(long number) => ref _ring[number % max];

    // Written where it stands: made elsewhere and copied, it would be moved for every request.
    private struct Kept
    {
        private string? _sessionId;
        private string? _runId;
        private SpendRowId _id;
        private long _inputTokens;
        private long _outputTokens;
        private long _cachedInputTokens;
        private long _cacheWriteTokens;
        private long _reasoningTokens;
        private decimal? _cost;
        private bool _isEstimated;
        private SpendOutcome _outcome;
        private DateTimeOffset _at;

        public SpendSum Sum { get; private set; }

        public void Write(SpendSum sum, SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
        {
            Sum = sum;
            _sessionId = account.SessionId;
            _runId = account.RunId;
            _at = at;
            Write(settlement);
        }

        public void Write(SpendSettlement settlement)
        {
            _id.Write(settlement.Id);
            _inputTokens = settlement.InputTokens;
            _outputTokens = settlement.OutputTokens;
            _cachedInputTokens = settlement.CachedInputTokens;
            _cacheWriteTokens = settlement.CacheWriteTokens;
            _reasoningTokens = settlement.ReasoningTokens;
            _cost = settlement.Cost;
            _isEstimated = settlement.IsEstimated;
            _outcome = settlement.Outcome;
        }

        public readonly SpendRow ToRow() => new()
        {
            Account = Sum.Key.AccountOf(_sessionId, _runId),
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
