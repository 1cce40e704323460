namespace AgentHosting.SpendLedgers;

/// <summary>Whose spend a limit counts.</summary>
public enum SpendScope
{
    /// <summary>One request to a provider.</summary>
    Call,

    /// <summary>One run.</summary>
    Run,

    /// <summary>One conversation.</summary>
    Session,

    /// <summary>One user.</summary>
    User,

    /// <summary>One tenant.</summary>
    Tenant,

    /// <summary>One agent.</summary>
    Agent,

    /// <summary>One model.</summary>
    Model,

    /// <summary>Everything.</summary>
    Global,
}
