namespace AgentHosting.Guardrails;

/// <summary>What is done with characters that nobody types.</summary>
public enum InputGuardAction
{
    /// <summary>They are taken out.</summary>
    Strip,

    /// <summary>The request is refused.</summary>
    Reject,

    /// <summary>They are left.</summary>
    Allow,
}
