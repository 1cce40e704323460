namespace AgentHosting.Fallbacks.Internal;

internal static class FallbackDefaults
{
    public const int MaxAttempts = 6;
    public const int MaxHedges = 1;
}
