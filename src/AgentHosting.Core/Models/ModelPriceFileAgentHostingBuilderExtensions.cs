using AgentHosting.Models;
using AgentHosting.Models.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Takes prices of models from a file.</summary>
public static class ModelPriceFileAgentHostingBuilderExtensions
{
    /// <summary>
    /// Takes the prices of models that have none in code or configuration from a file in the format of LiteLLM, and again when it changes. A file that is missing or wrong
    /// stops the start-up; an update that is wrong is refused, and the prices in use stay.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="path">The file; <see langword="null"/> when configuration section <c>AgentHosting:Prices</c> names it.</param>
    /// <param name="configure">Sets options; configuration wins over it.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddModelPrices(this IAgentHostingBuilder builder, string? path = null, Action<ModelPriceFileOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (!services.Any(static service => service.ServiceType == typeof(ModelPriceFile)))
        {
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton<ModelPriceFile>();
            services.AddSingleton(new ConfigurationSectionName("Prices"));
            services.AddSingleton<IValidateOptions<ModelPriceFileOptions>, ModelPriceFileOptionsValidator>();
            services.AddSingleton<IPostConfigureOptions<ModelPriceFileOptions>>(static provider => new ConfigurationSectionBinder<ModelPriceFileOptions>(
                provider.GetService<IConfiguration>(), static _ => "Prices", static (section, options) => section.Bind(options, StrictBinding.Strict)));
            services.AddOptionsWithValidateOnStart<ModelPriceFileOptions>();
            services.AddSingleton<IHostedService, ModelPriceFileReloader>();
        }

        services.Configure<ModelPriceFileOptions>(options =>
        {
            options.File = path ?? options.File;
            configure?.Invoke(options);
        });
        return builder;
    }
}
