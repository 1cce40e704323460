namespace AgentHosting.Diagnostics;

/// <summary>The names under which AgentHosting emits telemetry.</summary>
public static class AgentHostingDiagnostics
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>.</summary>
    public const string ActivitySourceName = "AgentHosting";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "AgentHosting";
}
