namespace AgentHosting.Alerts;

/// <summary>Why an alert is raised.</summary>
public enum SpendAlertKind
{
    /// <summary>A share of a cap is reached.</summary>
    Threshold,

    /// <summary>Money is spent much faster than usual.</summary>
    Anomaly,
}
