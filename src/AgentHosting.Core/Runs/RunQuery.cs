namespace AgentHosting.Runs;

/// <summary>Which runs to list. What is <see langword="null"/> does not matter.</summary>
public sealed class RunQuery
{
    /// <summary>The most runs of a page.</summary>
    public const int MaxPageSize = 1_000;

    /// <summary>The status.</summary>
    public AgentRunStatus? Status { get; init; }

    /// <summary>The agent's name.</summary>
    public string? Agent { get; init; }

    /// <summary>The tenant.</summary>
    public string? TenantId { get; init; }

    /// <summary>The owner.</summary>
    public string? UserId { get; init; }

    /// <summary>The conversation.</summary>
    public string? SessionId { get; init; }

    /// <summary>Whether it is a dead letter: it has failed and was not requeued.</summary>
    public bool? IsDeadLetter { get; init; }

    /// <summary>Where the last page ended: its <see cref="RunPage.Next"/>.</summary>
    /// <value>The default is <see langword="null"/>: the first page.</value>
    public string? After { get; init; }

    /// <summary>How many runs at most, 1 to <see cref="MaxPageSize"/>.</summary>
    /// <value>The default is 50.</value>
    public int PageSize { get; init; } = 50;

    /// <summary>The same from the end of a page on.</summary>
    internal RunQuery From(string? after) => new()
    {
        Status = Status,
        Agent = Agent,
        TenantId = TenantId,
        UserId = UserId,
        SessionId = SessionId,
        IsDeadLetter = IsDeadLetter,
        After = after,
        PageSize = PageSize,
    };
}
