using System.ComponentModel.DataAnnotations;
using AgentHosting.ToolValidation.Internal;

namespace AgentHosting.ToolValidation;

/// <summary>
/// What a tool call has to pass before it runs, and within which limits it does. Configuration section <c>AgentHosting:ToolValidation[:NAME]</c>, which wins
/// over code. The unnamed options are those of hosted agents.
/// </summary>
public class ToolValidationOptions
{
    // Not properties: configuration cannot hold them.
    private readonly List<IToolPolicy> _policies = [];
    private readonly List<IToolResultFilter> _filters = [];

    /// <summary>What is to be known about tools, by their names. It wins over what they declare and over their registration.</summary>
    public IDictionary<string, ToolOptions> Tools { get; } = new Dictionary<string, ToolOptions>(StringComparer.Ordinal);

    /// <summary>Rules, of which the first that fits decides about a call in place of its risk. Policies can only be stricter.</summary>
    public IList<ToolRule> Rules { get; } = [];

    /// <summary>The risk of tools that declare none.</summary>
    /// <value>The default is <see cref="ToolRisk.Medium"/>.</value>
    public ToolRisk UnclassifiedRisk { get; set; } = ToolRisk.Medium;

    /// <summary>What becomes of calls with low risk.</summary>
    /// <value>The default is <see cref="ToolDecisionKind.Run"/>.</value>
    public ToolDecisionKind LowRisk { get; set; } = ToolDecisionKind.Run;

    /// <summary>What becomes of calls with medium risk.</summary>
    /// <value>The default is <see cref="ToolDecisionKind.Run"/>.</value>
    public ToolDecisionKind MediumRisk { get; set; } = ToolDecisionKind.Run;

    /// <summary>What becomes of calls with high risk.</summary>
    /// <value>The default is <see cref="ToolDecisionKind.Ask"/>.</value>
    public ToolDecisionKind HighRisk { get; set; } = ToolDecisionKind.Ask;

    /// <summary>What becomes of calls with critical risk.</summary>
    /// <value>The default is <see cref="ToolDecisionKind.Deny"/>.</value>
    public ToolDecisionKind CriticalRisk { get; set; } = ToolDecisionKind.Deny;

    /// <summary>The most bytes that the arguments of a call may have, as JSON.</summary>
    /// <value>The default is 65,536.</value>
    [Range(2, 100_000_000)]
    public int MaxArgumentBytes { get; set; } = ToolDefaults.MaxArgumentBytes;

    /// <summary>How deep objects and lists in arguments may be nested.</summary>
    /// <value>The default is 32.</value>
    [Range(1, 500)]
    public int MaxArgumentDepth { get; set; } = ToolDefaults.MaxArgumentDepth;

    /// <summary>
    /// Whether a call with an argument that the tool's schema does not list is refused, where the schema leaves it open. A tool would not get the argument, so
    /// the model expects something that does not happen.
    /// </summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool RejectUnknownArguments { get; set; } = true;

    /// <summary>The longest time for one call of a tool that declares none. In a run it is the agent's <c>ToolTimeout</c>.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan Timeout { get; set; } = ToolDefaults.Timeout;

    /// <summary>How many further attempts a failed call of an idempotent tool gets.</summary>
    /// <value>The default is 2.</value>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = ToolDefaults.MaxRetries;

    /// <summary>The wait before the second attempt; it doubles with each further one, with full jitter.</summary>
    /// <value>The default is 200 milliseconds.</value>
    public TimeSpan RetryDelay { get; set; } = ToolDefaults.RetryDelay;

    /// <summary>How much of a result the model gets: characters of a text, bytes of JSON.</summary>
    /// <value>The default is 65,536.</value>
    [Range(100, 100_000_000)]
    public int MaxResultLength { get; set; } = ToolDefaults.MaxResultLength;

    /// <summary>The most bytes that cached results take.</summary>
    /// <value>The default is 16,777,216.</value>
    [Range(1024, 10_000_000_000)]
    public long MaxCacheBytes { get; set; } = ToolDefaults.MaxCacheBytes;

    /// <summary>How many tool calls one request to a pipeline may lead to. In a run it is the agent's <c>MaxToolCalls</c>.</summary>
    /// <value>The default is <see langword="null"/>: as many as the rounds of the loop ask for.</value>
    [Range(0, 1_000_000)]
    public int? MaxCalls { get; set; }

    /// <summary>How deep calls may be nested where a tool calls an agent whose tools are validated.</summary>
    /// <value>The default is 4.</value>
    [Range(1, 100)]
    public int MaxNesting { get; set; } = ToolDefaults.MaxNesting;

    /// <summary>The share of failed calls from which a tool is left alone for a while.</summary>
    /// <value>The default is 0.5.</value>
    [Range(0.001, 1.0)]
    public double CircuitFailureRatio { get; set; } = ToolDefaults.CircuitFailureRatio;

    /// <summary>How many calls within a minute must have ended before the share counts.</summary>
    /// <value>The default is 10.</value>
    [Range(1, 1_000_000)]
    public int CircuitMinimumCalls { get; set; } = ToolDefaults.CircuitMinimumCalls;

    /// <summary>How long a tool is left alone the first time. Each failed probe doubles it, up to ten times as long.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan CircuitOpenDuration { get; set; } = ToolDefaults.CircuitOpenDuration;

    /// <summary>How long a request for approval stays open.</summary>
    /// <value>The default is 15 minutes.</value>
    public TimeSpan ApprovalLifetime { get; set; } = ToolDefaults.ApprovalLifetime;

    /// <summary>
    /// Whether the caller of a pipeline satisfies the policy that approvals of a tool ask for. It is given the name of the policy and the context of the call that
    /// brings the answer.
    /// </summary>
    /// <value>The default is <see langword="null"/>: such requests are decided through <see cref="IToolApprovals"/> alone.</value>
    public Func<string, AgentCallContext?, bool>? IsApprover { get; set; }

    /// <summary>Is told of each decision about a call and each step of an approval. What it throws is logged and changes nothing.</summary>
    /// <value>The default is <see langword="null"/>: the log alone.</value>
    public Action<ToolAuditRecord>? OnAudit { get; set; }

    /// <summary>Adds a policy beside the rules. The strictest decision wins. Those registered in the services are asked too.</summary>
    /// <param name="policy">The policy.</param>
    public void AddPolicy(IToolPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policies.Add(policy);
    }

    /// <summary>Adds a filter of results. They act in their order, before the model or a journal gets a result, and for each caller that a cached one answers; those registered in the services come after.</summary>
    /// <param name="filter">The filter.</param>
    public void AddResultFilter(IToolResultFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        _filters.Add(filter);
    }

    internal IEnumerable<IToolPolicy> GetPolicies() => _policies;

    internal IEnumerable<IToolResultFilter> GetResultFilters() => _filters;
}
