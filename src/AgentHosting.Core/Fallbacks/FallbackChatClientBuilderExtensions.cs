using System.Diagnostics.Metrics;
using AgentHosting.Fallbacks;
using AgentHosting.Fallbacks.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds a fallback to a pipeline.</summary>
public static class FallbackChatClientBuilderExtensions
{
    /// <summary>Tries other models when one fails, with the options given. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read now.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    public static ChatClientBuilder UseFallback(this ChatClientBuilder builder, FallbackOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = StageRegistration.Validated<FallbackOptions, FallbackOptionsValidator>(options);
        return builder.Use((inner, services) => Create(inner, settings, services));
    }

    /// <summary>Tries other models when one fails, with options from the services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name given to <c>AddFallback</c>.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="InvalidOperationException">When the pipeline is built: the options are not registered.</exception>
    public static ChatClientBuilder UseFallback(this ChatClientBuilder builder, string? optionsName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => Create(
            inner,
            services.GetStageOptions<FallbackOptions>(optionsName, nameof(FallbackAgentHostingBuilderExtensions.AddFallback)),
            services));
    }

    private static FallbackChatClient Create(IChatClient inner, FallbackOptions options, IServiceProvider services)
    {
        var settings = new FallbackSettings(
            options,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetService<ILoggerFactory>()?.CreateLogger<FallbackChatClient>() ?? NullLogger<FallbackChatClient>.Instance,
            new FallbackMetrics(services.GetService<IMeterFactory>()));
        return new FallbackChatClient(inner, options, settings);
    }
}
