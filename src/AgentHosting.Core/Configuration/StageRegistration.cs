using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>What every <c>AddX</c> and every <c>UseX(optionsName)</c> has in common.</summary>
internal static class StageRegistration
{
    /// <summary>Registers the options of a stage: code first, then configuration section <c>AgentHosting:SECTION[:NAME]</c>, validated when the host starts.</summary>
    public static void AddStageOptions<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions, TValidator>(
        this IServiceCollection services, string section, string? optionsName, Action<TOptions>? configure, Action<IConfigurationSection, TOptions> bind)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>, new()
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>(static _ => new TValidator()));
        if (!services.Any(service => service.ServiceType == typeof(IPostConfigureOptions<TOptions>)))
        {
            services.AddSingleton<IPostConfigureOptions<TOptions>>(provider => new ConfigurationSectionBinder<TOptions>(
                provider.GetService<IConfiguration>(), name => string.IsNullOrEmpty(name) ? section : $"{section}:{name}", bind));
        }

        var options = services.AddOptionsWithValidateOnStart<TOptions>(optionsName ?? Options.DefaultName);
        if (configure is not null)
        {
            options.Configure(configure);
        }
    }

    /// <summary>Reads and validates the options of a stage, or says which line to add.</summary>
    public static TOptions GetStageOptions<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(this IServiceProvider services, string? optionsName, string addMethod)
        where TOptions : class
    {
        if (services.GetService<IPostConfigureOptions<TOptions>>() is null)
        {
            throw new InvalidOperationException($"The options of this stage are not registered. Call services.AddAgentHosting().{addMethod}(...) at start-up, or pass the options to the stage.");
        }

        return services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(optionsName ?? Options.DefaultName);
    }

    /// <summary>Validates options that were passed to a stage without DI.</summary>
    public static TOptions Validated<TOptions, TValidator>(TOptions options)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>, new()
    {
        ArgumentNullException.ThrowIfNull(options);
        var result = new TValidator().Validate(Options.DefaultName, options);
        return result.Failed ? throw new OptionsValidationException(Options.DefaultName, typeof(TOptions), result.Failures) : options;
    }
}
