namespace AgentHosting.Alerts.Internal;

/// <summary>A callback as a handler.</summary>
internal sealed class SpendAlertCallback(Func<SpendAlert, CancellationToken, ValueTask> callback) : ISpendAlertHandler
{
    public ValueTask HandleAsync(SpendAlert alert, CancellationToken cancellationToken) => callback(alert, cancellationToken);
}
