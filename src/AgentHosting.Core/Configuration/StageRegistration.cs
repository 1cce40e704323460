using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>What every <c>AddX</c> and every <c>UseX</c> has in common.</summary>
internal static class StageRegistration
{
    private const DynamicallyAccessedMemberTypes OptionsMembers =
        DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.PublicProperties;

    /// <summary>Registers the options of a stage: code first, then configuration section <c>AgentHosting:STAGE[:NAME]</c>, validated when the host starts.</summary>
    public static IAgentHostingBuilder AddStage<[DynamicallyAccessedMembers(OptionsMembers)] TOptions, TValidator>(
        this IAgentHostingBuilder builder, Action<TOptions>? configure, string? optionsName, Action<IConfigurationSection, TOptions> bind)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var names = services.FirstOrDefault(static service => service.ServiceType == typeof(StageOptionsNames<TOptions>))?.ImplementationInstance as StageOptionsNames<TOptions>;
        if (names is null)
        {
            names = new StageOptionsNames<TOptions>();
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton(names);
            services.AddSingleton(new ConfigurationSectionName(StageSection.NameOf<TOptions>()));
            services.AddSingleton<IValidateOptions<TOptions>>(static _ => new TValidator());
            services.AddSingleton<IPostConfigureOptions<TOptions>>(
                provider => new StageOptionsBinder<TOptions>(provider.GetService<IConfiguration>(), names, bind));
        }

        names.Add(optionsName ?? Options.DefaultName);
        var options = services.AddOptionsWithValidateOnStart<TOptions>(optionsName ?? Options.DefaultName);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        return builder;
    }

    /// <summary>Inserts a stage with options of the caller's, which are validated now. Services are used if there are any.</summary>
    public static ChatClientBuilder UseStage<TOptions, TValidator>(
        this ChatClientBuilder builder, TOptions options, Func<IChatClient, TOptions, StageServices, IChatClient> create)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        var result = new TValidator().Validate(Options.DefaultName, options);
        return result.Failed
            ? throw new OptionsValidationException(Options.DefaultName, typeof(TOptions), result.Failures)
            : builder.Use((inner, services) => create(inner, options, new StageServices(services)));
    }

    /// <summary>Inserts a stage with the options that were registered under a name, or says which line to add.</summary>
    public static ChatClientBuilder UseStage<[DynamicallyAccessedMembers(OptionsMembers)] TOptions>(
        this ChatClientBuilder builder, string? optionsName, Func<IChatClient, TOptions, StageServices, IChatClient> create)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => create(inner, Registered<TOptions>(services, optionsName ?? Options.DefaultName), new StageServices(services)));
    }

    /// <summary>A copy of the unnamed options of a stage, if they are registered.</summary>
    public static TOptions? CreateUnnamed<[DynamicallyAccessedMembers(OptionsMembers)] TOptions>(IServiceProvider services)
        where TOptions : class =>
        services.GetService<StageOptionsNames<TOptions>>()?.Contains(Options.DefaultName) == true
            ? services.GetRequiredService<IOptionsFactory<TOptions>>().Create(Options.DefaultName)
            : null;

    private static TOptions Registered<[DynamicallyAccessedMembers(OptionsMembers)] TOptions>(IServiceProvider services, string name)
        where TOptions : class
    {
        var names = services.GetService<StageOptionsNames<TOptions>>();
        if (names?.Contains(name) != true)
        {
            var (which, arguments) = name.Length == 0 ? ("The options", "...") : ($"The options '{name}'", $"..., \"{name}\"");
            throw new InvalidOperationException(
                $"{which} of this stage are not registered; registered are: {names?.ToString() ?? "none"}. Call services.AddAgentHosting().Add{StageSection.NameOf<TOptions>()}({arguments}) at start-up, or pass the options to the stage.");
        }

        return services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);
    }
}
