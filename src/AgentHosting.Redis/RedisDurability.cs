namespace AgentHosting.Redis;

/// <summary>When a run counts as accepted, and its end as stored.</summary>
public enum RedisDurability
{
    /// <summary>When the primary has it. A failover may lose what it had not yet copied.</summary>
    Fast,

    /// <summary>When a replica has it too (<c>WAIT 1</c>). Where none answers in time the command fails, and may be repeated.</summary>
    Replicated,
}
