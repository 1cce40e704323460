namespace AgentHosting.Guardrails.Internal;

internal enum MatchResult
{
    None,

    /// <summary>What comes next decides.</summary>
    NeedMore,
    Found,
}
