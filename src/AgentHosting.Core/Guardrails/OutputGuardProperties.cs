namespace AgentHosting.Guardrails;

/// <summary>Names under which the output guard marks what it did, in <c>AdditionalProperties</c> of responses and updates.</summary>
public static class OutputGuardProperties
{
    /// <summary>The kind for which an answer was ended with <see cref="SensitiveDataAction.Block"/>.</summary>
    public const string Blocked = "agenthosting.output_guard.blocked";
}
