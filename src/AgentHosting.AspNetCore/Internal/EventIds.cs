namespace AgentHosting.AspNetCore.Internal;

/// <summary>The ids of all log messages of this assembly. An id is never reused.</summary>
internal static class EventIds
{
    // Start-up
    public const int UnauthenticatedEndpoints = 5000;

    // Requests
    public const int StoreTimedOut = 5100;
    public const int RunUnreadable = 5101;

    // Health
    public const int StoreUnhealthy = 5200;
}
