using AgentHosting.Pricing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

/// <summary>Creates each model's client once, from the registrations and the options of its name.</summary>
internal sealed class ModelCatalog : IModelCatalog, IDisposable
{
    private readonly Dictionary<string, ModelDefinition> _models = new(StringComparer.Ordinal);

    public ModelCatalog(IEnumerable<ModelRegistration> registrations, IOptionsMonitor<ModelOptions> options, IServiceProvider services)
    {
        var names = new List<string>();
        var prices = services.GetService<ModelPriceFile>();
        foreach (var registration in registrations)
        {
            var settings = options.Get(registration.Name);
            var client = registration.CreateClient(services)
                ?? throw new InvalidOperationException($"The factory of model '{registration.Name}' returned null. Return an IChatClient from AddModel(\"{registration.Name}\", ...).");
            _models.Add(registration.Name, new ModelDefinition
            {
                Name = registration.Name,
                Client = ReportedUsageChatClient.Around(client, settings.StreamedUsage, settings.CachedInput),
                Options = settings,
                Price = ConfiguredPrice.Of(settings),
                PriceInFile = FromFile(prices, registration.Name, settings, client),
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

    private static Func<ModelPrice?>? FromFile(ModelPriceFile? prices, string name, ModelOptions options, IChatClient client)
    {
        if (options.PriceKey is { } key)
        {
            // A model under a key that is misspelt would have no price.
            return prices?.Find(key) is not null ? () => prices.Find(key) : throw new InvalidOperationException(
                $"{AgentHostingConfiguration.Section}:Models:{name}:{nameof(options.PriceKey)} is '{key}'. {(prices is null
                    ? "There is no price file: call AddModelPrices, or remove it."
                    : $"The price file {prices.Path} holds no price of that name. Correct or remove it.")}");
        }

        return prices is null ? null
            : client.GetService<ChatClientMetadata>()?.DefaultModelId is { } model ? () => prices.Find(name, model)
            : () => prices.Find(name);
    }
}
