namespace AgentHosting.TokenBudgets;

/// <summary>Over which time a budget counts.</summary>
public enum TokenBudgetWindow
{
    /// <summary>For ever: as long as the run or the session lasts.</summary>
    Total,

    /// <summary>The last stretch of time of <see cref="TokenBudgetLimit.Length"/>.</summary>
    Rolling,

    /// <summary>A day of the calendar, from midnight.</summary>
    Day,

    /// <summary>A week of the calendar, from Monday.</summary>
    Week,

    /// <summary>A month of the calendar.</summary>
    Month,
}
