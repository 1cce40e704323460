using AgentHosting.ModelRouting;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>Chooses what the test says, when it says so.</summary>
internal sealed class GatedPolicy : IModelRoutePolicy
{
    public const string Key = "choice";

    public async ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        var choice = (TaskCompletionSource<string>)context.Options!.AdditionalProperties![Key]!;
        return new ModelRoute { Model = await choice.Task.WaitAsync(cancellationToken), Reason = "gated" };
    }
}
