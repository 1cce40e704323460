using AgentHosting.Timeouts;
using AgentHosting.Timeouts.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Adds time limits to a pipeline.</summary>
public static class TimeoutChatClientBuilderExtensions
{
    /// <summary>Cuts calls that take too long, with the given options. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseTimeout(this ChatClientBuilder builder, TimeoutOptions options) =>
        builder.UseStage<TimeoutOptions, TimeoutOptionsValidator>(options, Create);

    /// <summary>Cuts calls that take too long, with options and services from dependency injection (<c>AddTimeout</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseTimeout(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<TimeoutOptions>(optionsName, Create);

    private static TimeoutChatClient Create(IChatClient inner, TimeoutOptions options, StageServices services) =>
        new(inner, options, services.Time, services.Logger<TimeoutChatClient>(), new TimeoutMetrics(services.Meters));
}
