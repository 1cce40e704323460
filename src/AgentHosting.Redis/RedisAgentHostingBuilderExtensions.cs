using AgentHosting.CircuitBreakers;
using AgentHosting.RateLimits;
using AgentHosting.Redis;
using AgentHosting.Redis.CircuitBreakers.Internal;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Health.Internal;
using AgentHosting.Redis.Internal;
using AgentHosting.Redis.RateLimits.Internal;
using AgentHosting.Redis.ResponseCaching.Internal;
using AgentHosting.Redis.SelfTests.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.ResponseCaching;
using AgentHosting.Runs;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting;

/// <summary>Makes the replicas of a host share what they keep, in Redis.</summary>
public static class RedisAgentHostingBuilderExtensions
{
    /// <summary>
    /// Keeps runs, sessions, rate limits, circuits and cached answers in Redis, in place of the memory of this process. The server is tested when the host starts: one of the
    /// wrong version, or one that drops keys when its memory is full, stops the start-up; one that cannot be reached does not, and is waited for. Health check <c>redis</c>.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configuration">Where Redis is, as StackExchange.Redis reads it: <c>localhost:6379</c>, or with <c>password=</c>, <c>ssl=true</c>, <c>serviceName=</c> for Sentinel.</param>
    /// <param name="configure">Sets options. Configuration section <c>AgentHosting:Redis</c> wins over it; both are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The configuration cannot be read, or names no server.</exception>
    /// <exception cref="InvalidOperationException">Redis was added before.</exception>
    public static IAgentHostingBuilder AddRedis(this IAgentHostingBuilder builder, string configuration, Action<RedisOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        return builder.AddRedis(ConfigurationOptions.Parse(configuration), configure);
    }

    /// <inheritdoc cref="AddRedis(IAgentHostingBuilder, string, Action{RedisOptions}?)"/>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configuration">Where Redis is, and how it is reached: TLS, users, Sentinel. Copied.</param>
    /// <param name="configure">Sets options. Configuration section <c>AgentHosting:Redis</c> wins over it; both are validated when the host starts.</param>
    public static IAgentHostingBuilder AddRedis(this IAgentHostingBuilder builder, ConfigurationOptions configuration, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.EndPoints.Count == 0)
        {
            throw new ArgumentException("The configuration of Redis names no server. Give it as 'host:port'.", nameof(configuration));
        }

        return builder.AddRedis(new RedisSource(configuration.Clone()), configure);
    }

    /// <inheritdoc cref="AddRedis(IAgentHostingBuilder, string, Action{RedisOptions}?)"/>
    /// <param name="builder">The host's builder.</param>
    /// <param name="connection">A connection of the application, which the host uses and leaves open.</param>
    /// <param name="configure">Sets options. Configuration section <c>AgentHosting:Redis</c> wins over it; both are validated when the host starts.</param>
    public static IAgentHostingBuilder AddRedis(this IAgentHostingBuilder builder, IConnectionMultiplexer connection, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return builder.AddRedis(new RedisSource(connection), configure);
    }

    private static IAgentHostingBuilder AddRedis(this IAgentHostingBuilder builder, RedisSource source, Action<RedisOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(static service => service.ServiceType == typeof(RedisSource)))
        {
            throw new InvalidOperationException("AddRedis was called twice. A host keeps all it shares in one Redis: remove one of the calls.");
        }

        services.AddSingleton(source);
        services.AddSingleton(static provider => new RedisConnection(provider.GetRequiredService<RedisSource>(), provider.GetRequiredService<IOptions<RedisOptions>>()));
        AddOptions(builder, configure);

        services.Replace(ServiceDescriptor.Singleton<IRunStore, RedisRunStore>());
        // ISpendLedger is replaced here.
        services.Replace(ServiceDescriptor.Singleton<IAgentRateLimiter, RedisRateLimiter>());
        services.Replace(ServiceDescriptor.Singleton<ICircuitBreakerStore, RedisCircuitBreakerStore>());
        services.Replace(ServiceDescriptor.Singleton<IResponseCacheLock, RedisResponseCacheLock>());
        services.AddSingleton<RedisHybridCache>();
        services.TryAddSingleton<HybridCache>(static provider => provider.GetRequiredService<RedisHybridCache>().Cache);

        services.AddSingleton<RedisReadiness>();
        services.AddSingleton<RedisSelfTest>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RedisStartup>());
        services.Configure<HealthCheckServiceOptions>(static health => health.Registrations.Add(new HealthCheckRegistration(
            "redis", ActivatorUtilities.GetServiceOrCreateInstance<RedisHealthCheck>, HealthStatus.Unhealthy, ["redis"])));
        return builder;
    }

    private static void AddOptions(IAgentHostingBuilder builder, Action<RedisOptions>? configure)
    {
        builder.AddConfigurationSection(RedisConfiguration.SectionName);
        builder.Services.AddSingleton<IPostConfigureOptions<RedisOptions>>(static provider => new RedisOptionsBinder(provider.GetService<IConfiguration>()));
        builder.Services.AddSingleton<IValidateOptions<RedisOptions>, RedisOptionsValidator>();
        var options = builder.Services.AddOptionsWithValidateOnStart<RedisOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }
    }
}
