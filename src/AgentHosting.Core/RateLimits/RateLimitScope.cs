namespace AgentHosting.RateLimits;

/// <summary>Whose requests a limit counts.</summary>
public enum RateLimitScope
{
    /// <summary>Those to one model.</summary>
    Model,

    /// <summary>Those of one user.</summary>
    User,

    /// <summary>All.</summary>
    Global,
}
