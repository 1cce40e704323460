using System.Diagnostics.Metrics;
using AgentHosting.Timeouts;
using AgentHosting.Timeouts.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting;

/// <summary>Adds time limits to a pipeline.</summary>
public static class TimeoutChatClientBuilderExtensions
{
    /// <summary>Cuts calls that take too long, with the given options. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseTimeout(this ChatClientBuilder builder, TimeoutOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        StageRegistration.Validated<TimeoutOptions, TimeoutOptionsValidator>(options);
        return builder.Use((inner, services) => Create(inner, services, options));
    }

    /// <summary>Cuts calls that take too long, with options and services from dependency injection (<c>AddTimeout</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseTimeout(this ChatClientBuilder builder, string? optionsName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => Create(
            inner, services, services.GetStageOptions<TimeoutOptions>(optionsName, nameof(TimeoutAgentHostingBuilderExtensions.AddTimeout))));
    }

    private static TimeoutChatClient Create(IChatClient inner, IServiceProvider services, TimeoutOptions options) => new(
        inner,
        options,
        services.GetService<TimeProvider>() ?? TimeProvider.System,
        services.GetService<ILogger<TimeoutChatClient>>() ?? NullLogger<TimeoutChatClient>.Instance,
        new TimeoutMetrics(services.GetService<IMeterFactory>()));
}
