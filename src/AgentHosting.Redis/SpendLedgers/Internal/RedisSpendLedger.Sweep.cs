using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Internal;
using AgentHosting.SpendLedgers;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>Charges what nobody settles and forgets what is over, a few at a time, so that other commands get between.</summary>
internal sealed partial class RedisSpendLedger
{
    private const int FewToCharge = 64;
    private const int FewToForget = 256;
    private static readonly RedisScript SweepScript = RedisScript.Load("spend-sweep");
    private static readonly RedisScript ForgetScript = RedisScript.Load("spend-forget");

    public async ValueTask<SpendSweepResult> SweepAsync(int max, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var findings = new SpendFindings(_texts);
        var (charged, few, last) = (0, 0, 0);
        do
        {
            few = Math.Min(FewToCharge, max - charged);
            // Not cut short: what a step has found is told once.
            var reply = await _connection.EvaluateAsync(SweepScript, _keys, [_connection.Now, few, _options.MaxRows], CancellationToken.None);
            last = (int)reply[0];
            charged += last;
            findings.Add(reply[2], RedisTime.ToTime((long)reply[1]));
        }
        while (last == few && charged < max && !cancellationToken.IsCancellationRequested);

        for (var looked = 1; looked > 0 && !cancellationToken.IsCancellationRequested;)
        {
            looked = (int)await _connection.EvaluateAsync(
                ForgetScript, _keys, [_connection.Now, FewToForget, RedisTime.Of(_options.IdleRetention), RedisTime.Of(_options.Retention)], CancellationToken.None);
        }

        return new SpendSweepResult { Charged = charged, Crossings = findings.Crossings, Anomalies = findings.Anomalies };
    }
}
