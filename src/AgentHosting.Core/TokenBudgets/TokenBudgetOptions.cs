using System.ComponentModel.DataAnnotations;
using AgentHosting.Alerts;
using AgentHosting.Pricing;
using AgentHosting.TokenBudgets.Internal;

namespace AgentHosting.TokenBudgets;

/// <summary>What may be spent. Without limits the stage only keeps the books.</summary>
public class TokenBudgetOptions
{
    /// <summary>The limits. A request must fit into all of them that apply to it.</summary>
    public IList<TokenBudgetLimit> Limits { get; } = [];

    /// <summary>Shares of each cap of the limits, ascending, above 0 and up to 1, at which an alert is raised once in each period.</summary>
    /// <value>The default is 0.5, 0.8 and 1. Shares in configuration replace those set in code.</value>
    public IList<double> AlertRatios { get; } = [0.5, 0.8, 1.0];

    /// <summary>When spend counts as unusually high, which raises an alert once in each period.</summary>
    /// <value>The default is none.</value>
    public IList<TokenBudgetAnomaly> Anomalies { get; } = [];

    /// <summary>
    /// Is called with each alert of this budget, beside the handlers of the host and never on the way of a call. What a sweep of the ledger finds goes to the handlers of the host alone.
    /// </summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Func<SpendAlert, CancellationToken, ValueTask>? OnAlert { get; set; }

    /// <summary>The most tokens of an answer, for requests that do not say it themselves. It is sent to the provider, since what is reserved must have a bound.</summary>
    /// <value>The default is 4,096.</value>
    [Range(1, 10_000_000)]
    public int DefaultMaxOutputTokens { get; set; } = TokenBudgetDefaults.MaxOutputTokens;

    /// <summary>An answer is shortened to what a budget still covers, but not below this: then the request is refused. A request that itself allows less is not shortened.</summary>
    /// <value>The default is 64 tokens.</value>
    [Range(1, 10_000_000)]
    public int MinOutputTokens { get; set; } = TokenBudgetDefaults.MinOutputTokens;

    /// <summary>The input tokens that are reserved for each file of a request that the provider keeps (<c>HostedFileContent</c>), whose length is not known here.</summary>
    /// <value>The default is 10,000.</value>
    [Range(0, 10_000_000)]
    public int HostedFileTokens { get; set; } = TokenBudgetDefaults.HostedFileTokens;

    /// <summary>The input tokens that are reserved for the history of a conversation that the provider keeps (<c>ChatOptions.ConversationId</c>), whose length is not known here.</summary>
    /// <value>The default is <see langword="null"/>: all that the model's context window holds beside the request, or 32,000 where its size is not known.</value>
    [Range(0, 10_000_000)]
    public int? KeptHistoryTokens { get; set; }

    /// <summary>What becomes of a request to a model without a price while money is capped.</summary>
    /// <value>The default is <see cref="UnknownPricePolicy.Reject"/>.</value>
    public UnknownPricePolicy UnknownPrice { get; set; }

    /// <summary>After this time without a sign of life a reservation is charged in full.</summary>
    /// <value>The default is 10 minutes, the longest that an attempt may take.</value>
    public TimeSpan HoldLease { get; set; } = TokenBudgetDefaults.HoldLease;

    /// <summary>
    /// From which used share of a limit of the run on, its requests tell the model to finish (<see cref="WrapUpMessage"/>), so that it ends with an answer instead
    /// of a refusal. Needs a limit of scope <see cref="SpendLedgers.SpendScope.Run"/>.
    /// </summary>
    /// <value>The default is <see langword="null"/>: the model is told nothing.</value>
    [Range(0.01, 1.0)]
    public double? WrapUpAt { get; set; }

    /// <summary>What it is told, at the end of the instructions.</summary>
    [Required]
    public string WrapUpMessage { get; set; } = TokenBudgetDefaults.WrapUpMessage;

    /// <summary>The price of a model by its name, for pipelines without a model catalog.</summary>
    /// <value>The default is <see langword="null"/>: prices are those of the catalog.</value>
    public Func<string, ModelPrice?>? PriceOf { get; set; }
}
