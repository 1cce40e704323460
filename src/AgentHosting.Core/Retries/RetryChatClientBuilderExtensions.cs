using System.Security.Cryptography;
using AgentHosting.Retries;
using AgentHosting.Retries.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Adds retries to a pipeline.</summary>
public static class RetryChatClientBuilderExtensions
{
    /// <summary>Makes failed calls again, with the given options. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseRetry(this ChatClientBuilder builder, RetryOptions options) =>
        builder.UseStage<RetryOptions, RetryOptionsValidator>(options, Create);

    /// <summary>Makes failed calls again, with options and services from dependency injection (<c>AddRetry</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseRetry(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<RetryOptions>(optionsName, Create);

    private static RetryChatClient Create(IChatClient inner, RetryOptions options, StageServices services) => new(
        inner,
        options,
        services.Time,
        services.Logger<RetryChatClient>(),
        new RetryMetrics(services.Meters),
        static () => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue);
}
