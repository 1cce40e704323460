using System.Diagnostics.Metrics;
using AgentHosting.Agents;
using AgentHosting.Agents.Internal;
using AgentHosting.Alerts;
using AgentHosting.Alerts.Internal;
using AgentHosting.DependencyInjection.Internal;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.RateLimits;
using AgentHosting.RateLimits.Internal;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Runs.Internal.InMemory;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Registers AgentHosting.</summary>
public static class AgentHostingServiceCollectionExtensions
{
    /// <summary>
    /// Adds what hosts agents: the catalog of models, the registry of agents, the in-memory run store, the client and a worker.
    /// May be called more than once. Settings bind from configuration section <c>AgentHosting</c> and are validated when the host starts.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <returns>A builder to add models and agents with.</returns>
    public static IAgentHostingBuilder AddAgentHosting(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AgentHostingStartupChecks>();
        services.TryAddSingleton<IModelCatalog, ModelCatalog>();
        services.TryAddSingleton<IAgentRegistry, AgentRegistry>();
        services.TryAddSingleton<ISpendLedger, InMemorySpendLedger>();
        services.TryAddSingleton(static provider => SpendAlertDispatcher.Create(new StageServices(provider)));
        services.TryAddSingleton<ISpendFindingListener>(static provider => provider.GetRequiredService<SpendAlertDispatcher>());
        services.TryAddSingleton<IAgentRateLimiter, InMemoryRateLimiter>();
        services.TryAddSingleton<RunRateLimits>();
        services.TryAddSingleton<IRunStore, InMemoryRunStore>();
        services.TryAddSingleton<ISessionReader>(provider => provider.GetRequiredService<IRunStore>());
        services.TryAddSingleton<IAgentSessionClient, AgentSessionClient>();
        services.TryAddSingleton<RunGuards>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IToolResultFilter, RunGuards>(static provider => provider.GetRequiredService<RunGuards>()));
        services.TryAddSingleton<IAgentRunClient, AgentRunClient>();
        services.TryAddSingleton<IAgentRunAdmin, AgentRunAdmin>();
        services.TryAddSingleton<RunExecutor>();
        services.TryAddSingleton(static provider => new RunMetrics(provider.GetService<IMeterFactory>()));
        services.TryAddScoped<AgentRunContextHolder>();
        services.TryAddScoped(provider => provider.GetRequiredService<AgentRunContextHolder>().GetContext());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AgentHostingStartup>());
        // Before the worker, so that it is stopped after it: runs that end meanwhile raise alerts too.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SpendAlertDispatcher>(static provider => provider.GetRequiredService<SpendAlertDispatcher>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RunJanitor>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SpendJanitor>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RunWorker>());
        var builder = new AgentHostingBuilder(services);
        if (!services.Any(service => service.ServiceType == typeof(IValidateOptions<ModelOptions>)))
        {
            AddOptions(services);

            // What UseProductionDefaults always adds, so that an operator's settings reach it.
            builder.AddRetry().AddCircuitBreaker().AddTimeout();

            // Every agent's tools pass it.
            builder.AddToolValidation();
        }

        return builder;
    }

    private static void BindModel(IConfigurationSection section, ModelOptions options)
    {
        // The binder would add to the list.
        if (section.GetSection(nameof(options.PriceTiers)).Exists())
        {
            options.PriceTiers.Clear();
        }

        section.Bind(options, StrictBinding.Strict);
    }

    private static void AddOptions(IServiceCollection services)
    {
        foreach (var section in (string[])["Models", "Agents", "DefaultAgent", "Worker", "Store", "SpendLedger", "RateLimits", StageSection.NameOf<SpendAlertsOptions>()])
        {
            services.AddSingleton(new ConfigurationSectionName(section));
        }

        services.AddSingleton<IValidateOptions<ModelOptions>, ModelOptionsValidator>();
        services.AddSingleton<IValidateOptions<AgentOptions>, AgentOptionsValidator>();
        services.AddSingleton<IValidateOptions<AgentWorkerOptions>, AgentWorkerOptionsValidator>();
        services.AddSingleton<IValidateOptions<RunStoreOptions>, RunStoreOptionsValidator>();
        services.AddSingleton<IPostConfigureOptions<ModelOptions>>(provider => new ConfigurationSectionBinder<ModelOptions>(
            provider.GetService<IConfiguration>(), static name => $"Models:{name}", BindModel));
        services.AddSingleton<IPostConfigureOptions<AgentOptions>>(provider => new ConfigurationSectionBinder<AgentOptions>(
            provider.GetService<IConfiguration>(), static name => $"Agents:{name}", static (section, options) => section.Bind(options, StrictBinding.Strict)));
        services.AddSingleton<IPostConfigureOptions<AgentWorkerOptions>>(provider => new ConfigurationSectionBinder<AgentWorkerOptions>(
            provider.GetService<IConfiguration>(), static _ => "Worker", static (section, options) => section.Bind(options, StrictBinding.Strict)));
        services.AddSingleton<IPostConfigureOptions<RunStoreOptions>>(provider => new ConfigurationSectionBinder<RunStoreOptions>(
            provider.GetService<IConfiguration>(), static _ => "Store", static (section, options) => section.Bind(options, StrictBinding.Strict)));
        services.AddOptionsWithValidateOnStart<AgentWorkerOptions>();
        services.AddSingleton<IValidateOptions<SpendLedgerOptions>, SpendLedgerOptionsValidator>();
        services.AddSingleton<IPostConfigureOptions<SpendLedgerOptions>>(provider => new ConfigurationSectionBinder<SpendLedgerOptions>(
            provider.GetService<IConfiguration>(), static _ => "SpendLedger", static (section, options) => section.Bind(options, StrictBinding.Strict)));
        services.AddSingleton<IValidateOptions<RateLimitOptions>, RateLimitOptionsValidator>();
        services.AddSingleton<IPostConfigureOptions<RateLimitOptions>>(provider => new ConfigurationSectionBinder<RateLimitOptions>(
            provider.GetService<IConfiguration>(), static _ => "RateLimits", static (section, options) => section.Bind(options, StrictBinding.Strict)));
        services.AddOptionsWithValidateOnStart<RateLimitOptions>();
        services.AddOptionsWithValidateOnStart<RunStoreOptions>();
        services.AddOptionsWithValidateOnStart<SpendLedgerOptions>();
        services.AddSingleton<IValidateOptions<SpendAlertsOptions>, SpendAlertsOptionsValidator>();
        services.AddSingleton<IPostConfigureOptions<SpendAlertsOptions>>(provider => new ConfigurationSectionBinder<SpendAlertsOptions>(
            provider.GetService<IConfiguration>(), static _ => StageSection.NameOf<SpendAlertsOptions>(), static (section, options) => section.Bind(options, StrictBinding.Strict)));
        services.AddOptionsWithValidateOnStart<SpendAlertsOptions>();
    }
}
