namespace AgentHosting.Agents;

/// <summary>The defaults of <see cref="AgentOptions"/>.</summary>
internal static class AgentDefaults
{
    public const int MaxOutputTokens = 2_048;
    public const int MaxIterations = 5;
    public const int MaxAttempts = 3;
    public static readonly TimeSpan ModelCallTimeout = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan BackgroundPollInterval = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan ToolTimeout = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan MaxRunDuration = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan ExpireAfter = TimeSpan.FromHours(24);
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxRetryDelay = TimeSpan.FromMinutes(1);
}
