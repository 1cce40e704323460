using System.Globalization;
using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>The chain of a stage, checked against the catalog below it when the stage is built.</summary>
internal sealed class CandidateList
{
    private readonly IChatClient _inner;
    private readonly IModelCatalog? _catalog;
    private readonly List<FallbackCandidate> _chain = [];
    private readonly bool _withoutHistory;
    private readonly ITokenCounter _counter;

    public CandidateList(IChatClient inner, FallbackOptions options, ITokenCounter counter, Func<IChatClient, string, IChatClient> addStages)
    {
        _counter = counter;
        _inner = inner;
        _withoutHistory = options.FallBackWithoutHistory;
        _catalog = inner.GetService<IModelCatalog>();
        foreach (var name in options.Models)
        {
            if (_catalog is not null && _catalog.Find(name) is null)
            {
                throw new InvalidOperationException(
                    $"There is no model '{name}' to fall back to. Add it with AddModel(\"{name}\", ...) or use one of: {string.Join(", ", _catalog.Names)}.");
            }

            _chain.Add(new FallbackCandidate { Name = name, Client = inner, ModelId = name, Limits = LimitsOf(name) });
        }

        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < options.Clients.Count; i++)
        {
            var (name, key) = ClientNames.Of(options.Clients[i], i);
            keys[key] = keys.GetValueOrDefault(key) + 1;
            key = keys[key] == 1 ? key : string.Create(CultureInfo.InvariantCulture, $"{key} #{keys[key]}");
            _chain.Add(new FallbackCandidate { Name = name, Client = ProviderBoundary.Around(addStages(options.Clients[i], key)) });
        }
    }

    /// <summary>Whether the model that was asked for can take the request, as far as is known.</summary>
    public bool FirstFits(string requested, IReadOnlyList<ChatMessage> messages, ChatOptions? options) =>
        _catalog is null || LimitsOf(requested) is not { } limits || FallbackCandidate.Misses(limits, messages, options) is null;

    public CandidateQueue For(string requested, IReadOnlyList<ChatMessage> messages, ChatOptions? options, int maxAttempts)
    {
        var candidates = new List<FallbackCandidate>(_chain.Count + 1)
        {
            new() { Name = requested, Client = _inner, IsRequested = true, Limits = LimitsOf(requested) },
        };
        candidates.AddRange(_chain.Where(candidate => candidate.ModelId != requested));
        return new CandidateQueue(candidates, maxAttempts, _withoutHistory, _counter, messages, options);
    }

    private ModelOptions? LimitsOf(string name) => _catalog?.Find(name)?.Options;
}
