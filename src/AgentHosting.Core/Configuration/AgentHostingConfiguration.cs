namespace AgentHosting;

/// <summary>Where settings live in configuration.</summary>
internal static class AgentHostingConfiguration
{
    public const string Section = "AgentHosting";
}
