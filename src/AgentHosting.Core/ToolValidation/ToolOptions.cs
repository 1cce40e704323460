using System.ComponentModel.DataAnnotations;

namespace AgentHosting.ToolValidation;

/// <summary>What is to be known about one tool. What is <see langword="null"/> is left to what the tool declares, then to <see cref="ToolValidationOptions"/>.</summary>
public class ToolOptions
{
    /// <summary>What a call can do at worst.</summary>
    /// <value>The default is <see langword="null"/>: what the tool declares.</value>
    public ToolRisk? Risk { get; set; }

    /// <summary>The longest time for one call.</summary>
    /// <value>The default is <see langword="null"/>: what the tool declares, else <see cref="ToolValidationOptions.Timeout"/>, in a run the agent's <c>ToolTimeout</c>.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Whether a call may be made twice without doing anything twice. Only then is it retried or cached.</summary>
    /// <value>The default is <see langword="null"/>: what the tool declares, else no.</value>
    public bool? IsIdempotent { get; set; }

    /// <summary>The name of the policy that an approver must satisfy.</summary>
    /// <value>The default is <see langword="null"/>: the user for whom the call is made approves it.</value>
    public string? Approver { get; set; }

    /// <summary>What a run does about a call that was begun and interrupted. It matters for tools that may not be called twice only.</summary>
    /// <value>The default is <see langword="null"/>: what the agent's <c>OnUnknownOutcome</c> says.</value>
    [EnumDataType(typeof(UnknownOutcomePolicy))]
    public UnknownOutcomePolicy? OnUnknownOutcome { get; set; }

    /// <summary>How many further attempts a failed call of an idempotent tool gets. One that took too long gets none.</summary>
    /// <value>The default is <see langword="null"/>: <see cref="ToolValidationOptions.MaxRetries"/>.</value>
    [Range(0, 10)]
    public int? MaxRetries { get; set; }

    /// <summary>How many calls run at once in this process. Others wait, at most for the time of one call.</summary>
    /// <value>The default is <see langword="null"/>: as many as are asked for.</value>
    [Range(1, 100_000)]
    public int? MaxConcurrency { get; set; }

    /// <summary>How many calls this process makes in any minute. Those beyond are refused, and the model is told when to try again.</summary>
    /// <value>The default is <see langword="null"/>: no limit.</value>
    [Range(1, 100_000)]
    public int? CallsPerMinute { get; set; }

    /// <summary>How many calls one run may make, or one request to a pipeline.</summary>
    /// <value>The default is <see langword="null"/>: no limit of its own.</value>
    [Range(0, 1_000_000)]
    public int? MaxCallsPerRun { get; set; }

    /// <summary>How much of a result the model gets: characters of a text, bytes of JSON. What is beyond is cut, and the model is told.</summary>
    /// <value>The default is <see langword="null"/>: <see cref="ToolValidationOptions.MaxResultLength"/>.</value>
    [Range(100, 100_000_000)]
    public int? MaxResultLength { get; set; }

    /// <summary>How long the result of an idempotent tool answers calls of the same tool object with the same arguments for the same tenant.</summary>
    /// <value>The default is <see langword="null"/>: results are not cached.</value>
    public TimeSpan? CacheFor { get; set; }

    /// <summary>Whether cached results answer every caller. Set it only if they depend on none.</summary>
    /// <value>The default is <see langword="false"/>: each tenant has its own, whatever its <see cref="AgentCallContext.CacheScope"/>, and calls without a tenant and a user are not cached.</value>
    public bool IsCacheShared { get; set; }

    /// <summary>Whether calls are refused for a while when too many fail.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool HasCircuitBreaker { get; set; } = true;

    internal ToolOptions Copy() => (ToolOptions)MemberwiseClone();
}
