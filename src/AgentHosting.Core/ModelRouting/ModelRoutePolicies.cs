namespace AgentHosting.ModelRouting;

/// <summary>The names of the built-in policies, for <see cref="ModelRouterOptions.Policy"/>.</summary>
public static class ModelRoutePolicies
{
    /// <summary>The harder the last turn of the user looks, the stronger the model. Nothing that a model decides, no call before the call.</summary>
    public const string Complexity = "complexity";

    /// <summary>The cheapest model that the request fits into.</summary>
    public const string Cheapest = "cheapest";

    /// <summary>A model drawn at random, each as often as its weight says.</summary>
    public const string Weighted = "weighted";

    /// <summary>Of two models drawn at random the one that has answered sooner of late.</summary>
    public const string Latency = "latency";

    /// <summary>What <see cref="ModelRouterOptions.SessionPolicy"/> chose for the first call of a session; later calls may move to a stronger model, never to a weaker one.</summary>
    public const string SessionSticky = "session-sticky";
}
