namespace AgentHosting.Runs;

/// <summary>Why a run ended without a result.</summary>
public sealed class AgentRunError
{
    /// <summary>A stable word for programs, one of <see cref="AgentRunErrorCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>A sentence for people. It carries no stack trace and no secret.</summary>
    public required string Message { get; init; }
}
