using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

/// <summary>Creates each model's client once, from the registrations and the options of its name.</summary>
internal sealed class ModelCatalog : IModelCatalog, IDisposable
{
    private readonly Dictionary<string, ModelDefinition> _models = new(StringComparer.Ordinal);

    public ModelCatalog(IEnumerable<ModelRegistration> registrations, IOptionsMonitor<ModelOptions> options, IServiceProvider services)
    {
        var names = new List<string>();
        foreach (var registration in registrations)
        {
            var settings = options.Get(registration.Name);
            _models.Add(registration.Name, new ModelDefinition
            {
                Name = registration.Name,
                Client = registration.CreateClient(services)
                    ?? throw new InvalidOperationException($"The factory of model '{registration.Name}' returned null. Return an IChatClient from AddModel(\"{registration.Name}\", ...)."),
                Options = settings,
                Price = ConfiguredPrice.Of(settings),
            });
            names.Add(registration.Name);
        }

        Names = names;
    }

    public IReadOnlyList<string> Names { get; }

    public string DefaultModel => Names.Count > 0
        ? Names[0]
        : throw new InvalidOperationException("The host has no model. Call AddModel(\"name\", services => chatClient) after AddAgentHosting().");

    public ModelDefinition? Find(string name) => _models.GetValueOrDefault(name);

    public void Dispose()
    {
        foreach (var model in _models.Values)
        {
            model.Client.Dispose();
        }
    }
}
