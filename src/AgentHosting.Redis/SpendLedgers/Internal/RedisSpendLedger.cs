using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Internal;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>The ledger that all hosts on one Redis share. Each step is one script, and Redis keeps the time.</summary>
internal sealed partial class RedisSpendLedger : ISpendLedger
{
    private static readonly RedisScript ReserveScript = RedisScript.Load("spend-reserve");
    private static readonly RedisScript RenewScript = RedisScript.Load("spend-renew");
    private static readonly RedisScript SettleScript = RedisScript.Load("spend-settle");
    // What counters are made for, as of money.
    private const long MostTokens = SpendLimit.MaxNanos;
    private readonly RedisConnection _connection;
    private readonly SpendLedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly SpendLimitTexts _texts = new();
    // One tag, so that a reservation over many scopes is one script; 1 is the version of the format.
    private readonly RedisKey[] _keys;
    // By how many ticks the server's clock is ahead of this one, as far as it matters.
    private long _ahead;

    public RedisSpendLedger(RedisConnection connection, IOptions<SpendLedgerOptions> options, TimeProvider timeProvider)
    {
        _connection = connection;
        _options = options.Value;
        _time = timeProvider;
        _keys = [$"{{{connection.Options.KeyPrefix}:spend}}:1:"];
    }

    /// <summary>About the server's time; it tells when it matters.</summary>
    private DateTimeOffset Now => _connection.Clock?.GetUtcNow() ?? _time.GetUtcNow().AddTicks(Volatile.Read(ref _ahead));

    public async ValueTask<SpendReservationResult> ReserveAsync(SpendReservation reservation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(reservation.Lease, TimeSpan.Zero);
        var (nanos, tokens) = (NanosOf(reservation.MaxCost), SpendTokens.Sum(reservation.InputTokens, reservation.MaxOutputTokens));
        // What a later attempt of its step will charge if nothing else is known.
        var text = new SpendReservationText(reservation, _texts, nanos, tokens, NanosOf(reservation.InputCost));
        var (account, key) = (SpendAccountText.Of(reservation.Account), SpendAccountText.KeyOf(reservation.Account));
        while (true)
        {
            var now = Now;
            // It throws for a lease beyond the calendar.
            _ = now + reservation.Lease;
            RedisValue[] arguments =
            [
                _connection.Now, reservation.Id, reservation.Step is { } step ? $"={step}" : "", reservation.Attempt, RedisTime.Of(reservation.Lease),
                reservation.IsFinal ? 1 : 0, account, key, text.Json, text.BoundsAt(now), _options.MaxRows,
            ];
            var reply = await _connection.EvaluateAsync(ReserveScript, _keys, arguments, cancellationToken);
            var at = RedisTime.ToTime((long)reply[1]);
            if ((string?)reply[0] == "again")
            {
                // The server is in another period of the calendar. Each of these is longer than a step takes.
                Volatile.Write(ref _ahead, (at - _time.GetUtcNow()).Ticks);
                continue;
            }

            var findings = FindingsOf(reply[2], at);
            return new SpendReservationResult
            {
                Refusal = (string?)reply[0] == "refused" ? Refusal(reservation, text, nanos, tokens, reply) : null,
                Crossings = findings.Crossings,
                Anomalies = findings.Anomalies,
            };
        }
    }

    public async ValueTask<bool> RenewAsync(string id, long seenOutputTokens, decimal? seenCost, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        // What cannot be charged is refused now: later it would stand in the way of the next attempt of the step.
        _ = SpendTokens.Sum(0, seenOutputTokens);
        var nanos = NanosOf(seenCost);
        _ = Now + lease;
        RedisValue[] arguments =
            [_connection.Now, id, seenOutputTokens, SpendSettlementText.Of(seenCost), nanos, RedisTime.Of(lease), MostTokens];
        var reply = (int)await _connection.EvaluateAsync(RenewScript, _keys, arguments, cancellationToken);
        ArgumentOutOfRangeException.ThrowIfNegative(reply, nameof(seenOutputTokens));
        return reply == 1;
    }

    public async ValueTask<SpendSettlementResult> SettleAsync(SpendSettlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        var (nanos, tokens) = (NanosOf(settlement.Cost), SpendTokens.Sum(settlement.InputTokens, settlement.OutputTokens));
        RedisValue[] arguments = [_connection.Now, settlement.Id, nanos, tokens, SpendSettlementText.Of(settlement), _options.MaxRows];
        var reply = await _connection.EvaluateAsync(SettleScript, _keys, arguments, cancellationToken);
        var findings = FindingsOf(reply[2], RedisTime.ToTime((long)reply[1]));
        return new SpendSettlementResult
        {
            IsSettled = (int)reply[0] > 0,
            IsCorrection = (int)reply[0] == 2,
            Crossings = findings.Crossings,
            Anomalies = findings.Anomalies,
        };
    }

    private static long NanosOf(decimal? cost) => cost is { } known ? SpendMoney.ToNanos(known) : 0;

    private static SpendRefusal Refusal(SpendReservation reservation, SpendReservationText text, long nanos, long tokens, RedisResult reply)
    {
        var index = (int)reply[3];
        var limit = text.Limits[index];
        var unit = (SpendUnit)((int)reply[4] - 1);
        var window = text.WindowOf(index);
        return new SpendRefusal
        {
            Limit = limit,
            ScopeId = reservation.Account.IdOf(limit.Scope)!,
            Unit = unit,
            Cap = SpendLimitText.CapOf(limit, unit)!.Value,
            Used = (long)reply[5],
            Requested = unit switch { SpendUnit.Cost => nanos, SpendUnit.Tokens => tokens, _ => 1 },
            ResetsAt = window is null || (string?)reply[6] is null or "" ? null : window.EndOf(window.PeriodOf((long)reply[6])),
        };
    }

    private SpendFindings FindingsOf(RedisResult reply, DateTimeOffset at)
    {
        var findings = new SpendFindings(_texts);
        findings.Add(reply, at);
        return findings;
    }
}
