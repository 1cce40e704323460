using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using AgentHosting.Retries;
using AgentHosting.Retries.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting;

/// <summary>Adds retries to a pipeline.</summary>
public static class RetryChatClientBuilderExtensions
{
    /// <summary>Makes failed calls again, with the given options. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseRetry(this ChatClientBuilder builder, RetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        StageRegistration.Validated<RetryOptions, RetryOptionsValidator>(options);
        return builder.Use((inner, services) => Create(inner, services, options));
    }

    /// <summary>Makes failed calls again, with options and services from dependency injection (<c>AddRetry</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseRetry(this ChatClientBuilder builder, string? optionsName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => Create(
            inner, services, services.GetStageOptions<RetryOptions>(optionsName, nameof(RetryAgentHostingBuilderExtensions.AddRetry))));
    }

    private static RetryChatClient Create(IChatClient inner, IServiceProvider services, RetryOptions options) => new(
        inner,
        options,
        services.GetService<TimeProvider>() ?? TimeProvider.System,
        services.GetService<ILogger<RetryChatClient>>() ?? NullLogger<RetryChatClient>.Instance,
        new RetryMetrics(services.GetService<IMeterFactory>()),
        static () => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue);
}
