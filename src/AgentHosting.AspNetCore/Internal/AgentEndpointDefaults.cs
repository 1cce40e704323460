namespace AgentHosting.AspNetCore.Internal;

/// <summary>The defaults of <see cref="AgentEndpointOptions"/>.</summary>
internal static class AgentEndpointDefaults
{
    public const string Prefix = "/agent";
    public const string HealthPath = "/health";
    public const int MaxRequestBodyBytes = 256 * 1024;
    public const int MaxMessageLength = 100_000;
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);
}
