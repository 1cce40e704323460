using System.ComponentModel.DataAnnotations;
using AgentHosting.Alerts.Internal;

namespace AgentHosting.Alerts;

/// <summary>How alerts reach their handlers. Configuration section <c>AgentHosting:SpendAlerts</c>.</summary>
public class SpendAlertsOptions
{
    /// <summary>Is called with each alert, as a handler is.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Func<SpendAlert, CancellationToken, ValueTask>? OnAlert { get; set; }

    /// <summary>How many alerts may wait for one handler. When there are more, the oldest is dropped and counted.</summary>
    /// <value>The default is 1,000.</value>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; set; } = SpendAlertsDefaults.QueueCapacity;

    /// <summary>How long a handler may take for one alert, at most a day. Then it is left alone, whether it listens to its token or not.</summary>
    /// <value>The default is 2 minutes.</value>
    public TimeSpan HandlerTimeout { get; set; } = SpendAlertsDefaults.HandlerTimeout;

    /// <summary>How long a host that stops waits for alerts to be handled, at most a day. What is left is dropped and counted.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan ShutdownTimeout { get; set; } = SpendAlertsDefaults.ShutdownTimeout;
}
