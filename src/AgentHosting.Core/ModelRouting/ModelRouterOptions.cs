using System.ComponentModel.DataAnnotations;
using AgentHosting.ModelRouting.Internal;

namespace AgentHosting.ModelRouting;

/// <summary>How the model of a call is chosen. Configuration section <c>AgentHosting:ModelRouter[:NAME]</c>, which wins over code.</summary>
public class ModelRouterOptions
{
    /// <summary>The policy: a name of <see cref="ModelRoutePolicies"/> or one given to <c>AddModelRoutePolicy</c>.</summary>
    /// <value>The default is <see cref="ModelRoutePolicies.Complexity"/>.</value>
    [Required]
    public string Policy { get; set; } = ModelRoutePolicies.Complexity;

    /// <summary>The models to choose from, the weakest and cheapest first.</summary>
    /// <value>Empty by default; at least one is needed.</value>
    public IList<ModelRouteCandidate> Candidates { get; } = [];

    /// <summary>
    /// From which probability on a prompt goes to the second, third... candidate: one less than there are candidates, rising, each between 0 and 1.
    /// <see cref="ComplexityCalibrator"/> finds them for your prompts.
    /// </summary>
    /// <value>Empty by default: prompts like those the classifier was fitted to are shared out evenly.</value>
    public IList<double> Thresholds { get; } = [];

    /// <summary>Whether a request that names a model is routed too.</summary>
    /// <value>The default is <see langword="false"/>: it goes to the model that it names.</value>
    public bool RouteNamedModels { get; set; }

    /// <summary>Whether calls go where they went without the router, while the route it would have chosen is logged and counted with the estimated saving.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ShadowMode { get; set; }

    /// <summary>The policy that <see cref="ModelRoutePolicies.SessionSticky"/> asks.</summary>
    /// <value>The default is <see cref="ModelRoutePolicies.Complexity"/>.</value>
    [Required]
    public string SessionPolicy { get; set; } = ModelRoutePolicies.Complexity;

    /// <summary>How many sessions are remembered. Those not seen for longest are forgotten and chosen for anew.</summary>
    /// <value>The default is 10,000.</value>
    [Range(2, 10_000_000)]
    public int MaxSessions { get; set; } = ModelRouterDefaults.MaxSessions;

    /// <summary>How many tokens an answer is taken to have when costs are compared.</summary>
    /// <value>The default is 500.</value>
    [Range(0, 10_000_000)]
    public int ExpectedOutputTokens { get; set; } = ModelRouterDefaults.ExpectedOutputTokens;

    /// <summary>The model of the catalog that is asked whether a prompt is hard when the classifier is not sure.</summary>
    /// <value>The default is <see langword="null"/>: no model is asked.</value>
    public string? JudgeModel { get; set; }

    /// <summary>How near to a threshold the classifier has to be for the judge to be asked.</summary>
    /// <value>The default is 0.02.</value>
    [Range(0.0, 1.0)]
    public double JudgeMargin { get; set; } = ModelRouterDefaults.JudgeMargin;

    /// <summary>How long the judge may take. After it the classifier's verdict stands.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan JudgeTimeout { get; set; } = ModelRouterDefaults.JudgeTimeout;

    /// <summary>
    /// From which used share of its caller's budget on a call goes to the first candidate that it fits into, whatever the policy says. Needs <c>UseTokenBudget</c>
    /// below the router.
    /// </summary>
    /// <value>The default is <see langword="null"/>: budgets change no route.</value>
    [Range(0.01, 1.0)]
    public double? StepDownAt { get; set; }

    /// <summary>How soon the policy <see cref="ModelRoutePolicies.Latency"/> forgets: after this time without a call a measured latency counts half, so that slow models are tried again.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan LatencyHalfLife { get; set; } = ModelRouterDefaults.LatencyHalfLife;
}
