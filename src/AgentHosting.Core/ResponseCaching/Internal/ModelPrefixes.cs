using System.Collections.Concurrent;
using AgentHosting.Models;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// What is the same for all requests to a model: its provider, so that models of one name in hosts that share a cache stay apart, and what filters answers
/// below.
/// </summary>
internal sealed class ModelPrefixes
{
    private readonly ConcurrentDictionary<string, byte[]> _byModel = new(StringComparer.Ordinal);
    private readonly IModelCatalog? _catalog;
    private readonly PipelineStage _below;
    private readonly string _policyVersion;
    private readonly string? _filters;
    private readonly byte[] _default;
    private readonly bool _isOfSession;

    public ModelPrefixes(IChatClient innerClient, ResponseCacheOptions options)
    {
        _catalog = innerClient.GetService<IModelCatalog>();
        _below = PipelineOrder.In(innerClient);
        _policyVersion = options.PolicyVersion;
        _filters = innerClient.GetService<AnswerPolicy>()?.Version;
        _isOfSession = innerClient.GetService<AnswerPolicy>()?.IsOfSession == true;
        _default = Of(innerClient);
    }

    public byte[] Find(string model)
    {
        if (_byModel.TryGetValue(model, out var prefix))
        {
            return prefix;
        }

        // Only names of the catalog are kept: callers can make up any number of others.
        return _catalog?.Find(model) is { } definition ? _byModel.GetOrAdd(model, Of(definition.Client)) : _default;
    }

    /// <summary>Whether answers of a model are for the session only that asked.</summary>
    public bool IsOfSession(string model) =>
        _isOfSession || _catalog?.Find(model)?.Client.GetService<AnswerPolicy>()?.IsOfSession == true;

    private byte[] Of(IChatClient client)
    {
        var metadata = client.GetService<ChatClientMetadata>();
        var writer = KeyWriter.Rent();
        writer.Text(metadata?.ProviderName);
        writer.Text(metadata?.ProviderUri?.OriginalString);
        writer.Text(metadata?.DefaultModelId);
        writer.Int64((int)_below);
        writer.Text(_policyVersion);
        writer.Text(_filters);
        writer.Text(client.GetService<AnswerPolicy>()?.Version);
        var prefix = writer.Written.ToArray();
        KeyWriter.Return(writer);
        return prefix;
    }
}
