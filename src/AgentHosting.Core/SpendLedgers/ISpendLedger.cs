namespace AgentHosting.SpendLedgers;

/// <summary>Sets aside what requests may cost, and keeps what they have cost.</summary>
public interface ISpendLedger
{
    /// <summary>Sets aside the worst case in all limits, in one atomic step: in all of them, or in none.</summary>
    /// <param name="reservation">What to set aside. Repeated under the same name while it is open, it is granted without counting twice.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was granted, and which alert thresholds it reached.</returns>
    ValueTask<SpendReservationResult> ReserveAsync(SpendReservation reservation, CancellationToken cancellationToken);

    /// <summary>Keeps a long request from being charged in full, and notes what it has used.</summary>
    /// <param name="id">The name of the reservation. One that was settled is left alone.</param>
    /// <param name="seenOutputTokens">The output so far.</param>
    /// <param name="seenCost">What input and that output cost; <see langword="null"/> when the price is unknown.</param>
    /// <param name="lease">The time from now after which it is charged in full.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it is open.</returns>
    ValueTask<bool> RenewAsync(string id, long seenOutputTokens, decimal? seenCost, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Charges what a request has cost and gives back the rest of what was set aside, once, and writes the row in the same step. It is charged to the periods in
    /// which it was reserved. One that the ledger has charged by estimate (its lease ended, or a later attempt took its place) is corrected, once: the difference is
    /// charged to those same periods, or given back, and its row, which was marked as estimated, becomes that of the settlement. A ledger remembers such charges for a
    /// day, the latest 10,000; after that it leaves them as they are.
    /// </summary>
    /// <param name="settlement">What it has cost.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was charged, and which alert thresholds it reached: found in the same step, so that each is told once, however many settle at once.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Tokens or cost are negative, or more than 2^53 (of money: billionths). The reservation stays as it is.</exception>
    ValueTask<SpendSettlementResult> SettleAsync(SpendSettlement settlement, CancellationToken cancellationToken);

    /// <summary>Charges reservations in full whose lease ended, marked as estimated, and forgets what has aged.</summary>
    /// <param name="max">The most to charge in one go.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were charged, and which alert thresholds they reached.</returns>
    ValueTask<SpendSweepResult> SweepAsync(int max, CancellationToken cancellationToken);

    /// <summary>Reads what is spent and held.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="limits">In which limits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A balance for each limit that applies.</returns>
    ValueTask<IReadOnlyList<SpendBalance>> GetBalancesAsync(SpendAccount account, IReadOnlyList<SpendLimit> limits, CancellationToken cancellationToken);

    /// <summary>Adds up what was spent.</summary>
    /// <param name="query">Which spend.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The groups, by their key.</returns>
    ValueTask<IReadOnlyList<SpendSummary>> QueryAsync(SpendQuery query, CancellationToken cancellationToken);

    /// <summary>Reads the latest requests.</summary>
    /// <param name="query">Which.</param>
    /// <param name="max">The most to read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The rows, the latest first.</returns>
    ValueTask<IReadOnlyList<SpendRow>> GetRowsAsync(SpendQuery query, int max, CancellationToken cancellationToken);
}
