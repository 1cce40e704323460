using AgentHosting.ContextWindows;
using AgentHosting.ContextWindows.Internal;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Adds a context window to a pipeline.</summary>
public static class ContextWindowChatClientBuilderExtensions
{
    /// <summary>Makes histories fit the model's window, with the given options. Needs no services; a registered <see cref="ITokenCounter"/> and <see cref="IChatReducer"/> are used.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <param name="reducer">
    /// Is asked first when a history does not fit, for example to summarise it; what it returns is cut further where it does not fit yet, and one that fails is logged and passed
    /// over. <see langword="null"/> for the registered one, or else none.
    /// </param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseContextWindow(this ChatClientBuilder builder, ContextWindowOptions options, IChatReducer? reducer = null) =>
        builder.UseStage<ContextWindowOptions, ContextWindowOptionsValidator>(options, (inner, options, services) => Create(inner, options, services, reducer));

    /// <summary>Makes histories fit the model's window, with options and services from dependency injection (<c>AddContextWindow</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseContextWindow(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<ContextWindowOptions>(optionsName, static (inner, options, services) => Create(inner, options, services, reducer: null));

    private static ContextWindowChatClient Create(IChatClient inner, ContextWindowOptions options, StageServices services, IChatReducer? reducer) => new(
        inner,
        options,
        reducer ?? services.Get<IChatReducer>(),
        services.Get<ITokenCounter>() ?? TokenEstimator.Instance,
        services.Logger<ContextWindowChatClient>(),
        new ContextWindowMetrics(services.Meters));
}
