namespace AgentHosting.Redis.SelfTests.Internal;

/// <summary>What the self-test has found so far.</summary>
internal sealed class RedisReadiness
{
    private volatile RedisFindings _findings = new() { Pending = "The server was not tested yet." };

    public RedisFindings Findings
    {
        get => _findings;
        set => _findings = value;
    }
}
