using System.Diagnostics;

namespace AgentHosting.Diagnostics;

/// <summary>The source of this assembly's activities.</summary>
internal static class AgentHostingTelemetry
{
    public static ActivitySource ActivitySource { get; } = new(AgentHostingDiagnostics.ActivitySourceName);
}
