namespace AgentHosting.Guardrails;

/// <summary>What is done with a message that looks like prompt injection.</summary>
public enum InjectionAction
{
    /// <summary>Nothing is looked for.</summary>
    Ignore,

    /// <summary>It is logged and counted.</summary>
    Log,

    /// <summary>The score is put on the response and on the current activity too.</summary>
    Tag,

    /// <summary>The request is refused.</summary>
    Block,
}
