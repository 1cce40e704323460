namespace AgentHosting.ToolValidation;

/// <summary>What a call of a tool can do at worst.</summary>
public enum ToolRisk
{
    /// <summary>It reads what the caller may see anyway.</summary>
    Low = 0,

    /// <summary>It changes something that is easily changed back.</summary>
    Medium = 1,

    /// <summary>It acts on the outside world: it pays, sends or deletes. A person is asked first, by default.</summary>
    High = 2,

    /// <summary>It must not be called by a model. Denied by default.</summary>
    Critical = 3,
}
