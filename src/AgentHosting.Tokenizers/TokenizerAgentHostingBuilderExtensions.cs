using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.Tokenizers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentHosting;

/// <summary>Registers exact counting of tokens.</summary>
public static class TokenizerAgentHostingBuilderExtensions
{
    /// <summary>Counts tokens with a tokenizer instead of estimating them; replaces a registered <see cref="ITokenCounter"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets how models are counted that are not OpenAI's.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static IAgentHostingBuilder AddTokenizer(this IAgentHostingBuilder builder, Action<TokenizerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new TokenizerOptions();
        configure?.Invoke(options);
        TokenizerTokenCounter.ThrowIfWrong(options);
        builder.Services.RemoveAll<ITokenCounter>();
        builder.Services.AddSingleton<ITokenCounter>(services => new TokenizerTokenCounter(options, name => ProviderModel(services, name)));
        return builder;
    }

    // Calls name models by the catalog; the encoding goes by the provider's name, which the model's client knows.
    private static string? ProviderModel(IServiceProvider services, string? name)
    {
        var catalog = services.GetService<IModelCatalog>();
        if (catalog is null || (name is null && catalog.Names.Count == 0))
        {
            return null;
        }

        return catalog.Find(name ?? catalog.DefaultModel)?.Client.GetService<ChatClientMetadata>()?.DefaultModelId;
    }
}
