namespace AgentHosting.Redis.SelfTests.Internal;

/// <summary>What is known of the server.</summary>
internal sealed class RedisFindings
{
    /// <summary>Why the server must not be used; it has to be changed first.</summary>
    public string? Refusal { get; init; }

    /// <summary>Why the server could not be tested; it is tried again.</summary>
    public string? Pending { get; init; }

    public string Version { get; init; } = "";

    /// <summary>The primaries of a cluster, or 0.</summary>
    public int ClusterPrimaries { get; init; }

    /// <summary>Whether a restart of the server loses what came since its last snapshot.</summary>
    public bool LosesOnRestart { get; init; }

    /// <summary>Whether the server does not tell what it drops when its memory is full.</summary>
    public bool IsEvictionUnknown { get; init; }

    public bool IsVerified => Refusal is null && Pending is null;
}
