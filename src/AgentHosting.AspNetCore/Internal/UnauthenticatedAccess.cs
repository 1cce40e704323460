namespace AgentHosting.AspNetCore.Internal;

/// <summary>Whether endpoints without authentication are meant.</summary>
internal enum UnauthenticatedAccess
{
    Refused = 0,
    Allowed = 1,
    AllowedOnLoopback = 2,
}
