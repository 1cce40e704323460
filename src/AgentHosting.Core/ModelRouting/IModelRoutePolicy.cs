namespace AgentHosting.ModelRouting;

/// <summary>Chooses the model of a call. One instance serves all calls at once.</summary>
public interface IModelRoutePolicy
{
    /// <summary>Chooses a model.</summary>
    /// <param name="context">What is known about the call.</param>
    /// <param name="cancellationToken">The token of the call.</param>
    /// <returns>The model and the reason.</returns>
    ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken);
}
