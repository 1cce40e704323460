namespace AgentHosting.SpendLedgers;

/// <summary>Which spend to add up, and how to group it.</summary>
public sealed class SpendQuery
{
    /// <summary>Only this tenant's.</summary>
    public string? TenantId { get; init; }

    /// <summary>Only this user's.</summary>
    public string? UserId { get; init; }

    /// <summary>Only this agent's.</summary>
    public string? Agent { get; init; }

    /// <summary>Only this model's.</summary>
    public string? Model { get; init; }

    /// <summary>From this day on (UTC).</summary>
    public DateOnly? From { get; init; }

    /// <summary>Up to this day (UTC), which counts.</summary>
    public DateOnly? To { get; init; }

    /// <summary>How to group.</summary>
    /// <value>The default is <see cref="SpendGrouping.None"/>: one sum.</value>
    public SpendGrouping GroupBy { get; init; }
}
