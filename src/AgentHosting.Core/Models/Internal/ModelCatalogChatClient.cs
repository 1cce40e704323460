using Microsoft.Extensions.AI;

namespace AgentHosting.Models.Internal;

/// <summary>The inner end of a pipeline: sends each call to the model that <c>ChatOptions.ModelId</c> names.</summary>
internal sealed class ModelCatalogChatClient(IModelCatalog catalog) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var model = Select(options, out var outgoing);
        return model.Client.GetResponseAsync(messages, outgoing, cancellationToken);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var model = Select(options, out var outgoing);
        return model.Client.GetStreamingResponseAsync(messages, outgoing, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is null && (serviceType.IsInstanceOfType(this) || serviceType == typeof(IModelCatalog)))
        {
            return serviceType == typeof(IModelCatalog) ? catalog : this;
        }

        return catalog.Find(catalog.DefaultModel)?.Client.GetService(serviceType, serviceKey);
    }

    public void Dispose()
    {
        // The clients belong to the catalog, which other pipelines share.
    }

    private ModelDefinition Select(ChatOptions? options, out ChatOptions outgoing)
    {
        var name = options?.ModelId ?? catalog.DefaultModel;
        var model = catalog.Find(name) ?? throw new InvalidOperationException(
            $"There is no model '{name}'. Add it with AddModel(\"{name}\", ...) or use one of: {string.Join(", ", catalog.Names)}.");
        if (options.GetAgentContext() is { } context)
        {
            context.ServedByModel = name;
        }

        outgoing = options?.Clone() ?? new ChatOptions();
        // The catalog's name means nothing to the provider: the model's client knows the provider's own name.
        outgoing.ModelId = null;
        ReservedProperties.Remove(outgoing);
        if (model.Options.MaxOutputTokens is { } most)
        {
            outgoing.MaxOutputTokens = Math.Min(outgoing.MaxOutputTokens ?? most, most);
        }

        return model;
    }
}
