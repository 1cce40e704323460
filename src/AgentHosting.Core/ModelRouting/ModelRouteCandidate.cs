namespace AgentHosting.ModelRouting;

/// <summary>A model that the router may choose.</summary>
public class ModelRouteCandidate
{
    /// <summary>The name of the model: that of the model catalog, or else of the provider.</summary>
    public string Model { get; set; } = "";

    /// <summary>How often the policy <c>weighted</c> draws it, compared with the others.</summary>
    /// <value>The default is 1.</value>
    public double Weight { get; set; } = 1;
}
