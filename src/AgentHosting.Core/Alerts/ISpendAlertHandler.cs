namespace AgentHosting.Alerts;

/// <summary>Is told of alerts: sends a mail, pages somebody, switches something off.</summary>
public interface ISpendAlertHandler
{
    /// <summary>Handles one alert. It runs beside the calls, one alert after the other; what it throws is logged.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="cancellationToken">Is cancelled after <see cref="SpendAlertsOptions.HandlerTimeout"/> and when the host stops.</param>
    /// <returns>When it is done.</returns>
    ValueTask HandleAsync(SpendAlert alert, CancellationToken cancellationToken);
}
