namespace AgentHosting.Guardrails;

/// <summary>Names under which the input guard marks what it found, in <c>AdditionalProperties</c> of responses and updates.</summary>
public static class InputGuardProperties
{
    /// <summary>How much the request looked like prompt injection, 0 to 1, with <see cref="InjectionAction.Tag"/>.</summary>
    public const string InjectionScore = "agenthosting.input_guard.injection_score";
}
