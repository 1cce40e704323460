namespace AgentHosting.Guardrails;

/// <summary>What is done with sensitive data in an answer.</summary>
public enum SensitiveDataAction
{
    /// <summary>Replaced by its kind, as <c>[EMAIL]</c>.</summary>
    Redact,

    /// <summary>Replaced by asterisks but for its last characters.</summary>
    Mask,

    /// <summary>Replaced by its kind and a keyed hash, as <c>[EMAIL:3f5a0c9d12e4b786]</c>: the same value has the same hash within a tenant.</summary>
    Hash,

    /// <summary>The answer ends before it, with finish reason <c>content_filter</c>.</summary>
    Block,

    /// <summary>Left as it is.</summary>
    Allow,

    /// <summary>
    /// Replaced by a token such as <c>&lt;EMAIL_1&gt;</c>, for which the value stands again in what is later sent to the model or to a tool within the same session, or run without one.
    /// A call without session and run in its <see cref="AgentCallContext"/> has nothing to come back to: there it is <see cref="Redact"/>.
    /// </summary>
    Tokenize,
}
