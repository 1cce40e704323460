namespace AgentHosting.Pricing;

/// <summary>How a provider reports usage when it does so more than once in a stream.</summary>
public enum StreamedUsage
{
    /// <summary>Each report is what was used since the one before it, as Microsoft.Extensions.AI adds them up.</summary>
    Sum,

    /// <summary>Each report is what was used so far: of each count the largest one holds.</summary>
    Last,
}
