namespace AgentHosting.SpendLedgers;

/// <summary>By what spend is grouped.</summary>
public enum SpendGrouping
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By day (UTC), as <c>2026-11-26</c>.</summary>
    Day,

    /// <summary>By week (UTC, from Monday), named by its first day.</summary>
    Week,

    /// <summary>By tenant.</summary>
    Tenant,

    /// <summary>By user. Users of one name in two tenants are two (<see cref="SpendSummary.TenantId"/>).</summary>
    User,

    /// <summary>By agent.</summary>
    Agent,

    /// <summary>By model.</summary>
    Model,
}
