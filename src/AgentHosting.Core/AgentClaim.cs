namespace AgentHosting;

/// <summary>One claim of the caller that travels with a run.</summary>
public sealed class AgentClaim
{
    /// <summary>The claim type, for example <c>role</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The claim value.</summary>
    public required string Value { get; init; }
}
