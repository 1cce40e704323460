using Microsoft.Extensions.AI;

namespace AgentHosting.Stages.Internal;

/// <summary>The base of stages: it knows what stands below it and refuses a wrong order when it is built. The innermost keeps the provider from seeing what is ours.</summary>
internal abstract class StageChatClient : DelegatingChatClient
{
    private readonly object _stages;

    protected StageChatClient(IChatClient innerClient, PipelineStage stage)
        : base(ProviderBoundary.Around(innerClient))
    {
        var below = PipelineOrder.In(innerClient);
        PipelineOrder.Check(stage, below);
        _stages = stage | below;
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(PipelineStage) ? _stages : base.GetService(serviceType, serviceKey);

    /// <summary>The name under which state is kept for the model that a call goes to.</summary>
    protected string ModelOf(ChatOptions? options) =>
        options?.ModelId ?? DefaultModel;

    private string DefaultModel => field ??= InnerClient.GetService<Models.IModelCatalog>()?.DefaultModel
        ?? InnerClient.GetService<ChatClientMetadata>()?.DefaultModelId
        ?? "default";
}
