using AgentHosting.Redis.Internal;
using AgentHosting.SpendLedgers;
using StackExchange.Redis;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>What a step has found that is to be told.</summary>
internal sealed class SpendFindings(SpendLimitTexts texts)
{
    private List<SpendCrossing>? _crossings;
    private List<SpendAnomaly>? _anomalies;

    public IReadOnlyList<SpendCrossing> Crossings => _crossings ?? (IReadOnlyList<SpendCrossing>)[];

    public IReadOnlyList<SpendAnomaly> Anomalies => _anomalies ?? (IReadOnlyList<SpendAnomaly>)[];

    /// <summary>Adds those of a reply.</summary>
    /// <param name="reply">The findings, as <c>tell</c> and <c>watch</c> write them.</param>
    /// <param name="now">The time of the step.</param>
    public void Add(RedisResult reply, DateTimeOffset now)
    {
        for (var i = 0; i < reply.Length; i++)
        {
            var finding = reply[i];
            var account = SpendAccountText.ToAccount((string)finding[1]!);
            if ((string?)finding[0] == "c")
            {
                (_crossings ??= []).Add(Crossing(finding, account, now));
            }
            else
            {
                (_anomalies ??= []).Add(Anomaly(finding, account, now));
            }
        }
    }

    private SpendCrossing Crossing(RedisResult finding, SpendAccount account, DateTimeOffset now)
    {
        var limit = texts.Of((string)finding[2]!);
        var unit = (SpendUnit)((int)finding[3] - 1);
        var window = SpendWindowPeriods.Of(limit.Window);
        var period = window.PeriodOf((long)finding[6]);
        return new SpendCrossing
        {
            Limit = limit,
            ScopeId = account.IdOf(limit.Scope)!,
            TenantId = SpendScopeName.TenantOf(limit.Scope, account),
            Unit = unit,
            Ratio = (double)finding[4],
            Cap = SpendLimitText.CapOf(limit, unit)!.Value,
            Settled = (long)finding[5],
            Period = period,
            ResetsAt = window.EndOf(period),
            At = now,
        };
    }

    private static SpendAnomaly Anomaly(RedisResult finding, SpendAccount account, DateTimeOffset now)
    {
        var rule = SpendRuleText.Parse((string)finding[2]!);
        return new SpendAnomaly
        {
            Rule = rule,
            ScopeId = account.IdOf(rule.Scope)!,
            TenantId = SpendScopeName.TenantOf(rule.Scope, account),
            SpentNanos = (long)finding[3],
            UsualNanos = (long)finding[4],
            ResetsAt = DateTimeOffset.UnixEpoch.AddTicks(((long)finding[5] + 1) * rule.Period.Ticks),
            At = now,
        };
    }
}
