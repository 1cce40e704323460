using AgentHosting.Mcp;
using AgentHosting.Mcp.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds MCP servers to the host.</summary>
public static class McpAgentHostingBuilderExtensions
{
    /// <summary>
    /// Adds an MCP server, whose tools agents get with <c>WithToolSource(name)</c> or, in configuration, <c>AgentHosting:Agents:AGENT:ToolSources</c>. It is
    /// connected at first use: a server that is down does not keep the host from starting. Health check <c>mcp:NAME</c>.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="name">The server's name, of up to 32 letters, digits, <c>-</c> and <c>_</c>.</param>
    /// <param name="configure">Says how it is reached. Configuration section <c>AgentHosting:Mcp:Servers:NAME</c> wins over it; both are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is of no use, or taken.</exception>
    public static IAgentHostingBuilder AddMcpServer(this IAgentHostingBuilder builder, string name, Action<McpServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Services.AddMcpServerOnce(name, configure))
        {
            throw new ArgumentException($"There is already an MCP server named '{name}'. Give each a name of its own.", nameof(name));
        }

        return builder;
    }

    /// <summary>Adds every MCP server that configuration names below <c>AgentHosting:Mcp:Servers</c>, as it is now.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configuration">The host's configuration.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddMcpServers(this IAgentHostingBuilder builder, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        foreach (var server in configuration.GetSection(McpConfiguration.ServersSection).GetChildren())
        {
            builder.Services.AddMcpServerOnce(server.Key, null);
        }

        return builder;
    }

    internal static bool AddMcpServerOnce(this IServiceCollection services, string name, Action<McpServerOptions>? configure)
    {
        McpToolSource.ThrowIfUnusable(name);
        var names = services.FirstOrDefault(static service => service.ServiceType == typeof(McpServerNames))?.ImplementationInstance as McpServerNames ?? AddShared(services);
        var isNew = names.Add(name);
        var options = services.AddOptionsWithValidateOnStart<McpServerOptions>(name);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (isNew)
        {
            services.AddSingleton<IOptionsChangeTokenSource<McpServerOptions>>(provider => new McpReloadTokenSource(name, provider.GetService<IConfiguration>()));
            services.AddAgentHosting().AddToolSource(name, provider => provider.GetRequiredService<McpServers>().Get(name));
            services.Configure<HealthCheckServiceOptions>(health => health.Registrations.Add(new HealthCheckRegistration(
                $"mcp:{name}", provider => new McpHealthCheck(provider.GetRequiredService<McpServers>().Get(name)), HealthStatus.Degraded, ["mcp"])));
        }

        return isNew;
    }

    private static McpServerNames AddShared(IServiceCollection services)
    {
        var names = new McpServerNames();
        services.AddSingleton(names);
        services.AddAgentHosting().AddConfigurationSection(McpConfiguration.SectionName);
        services.AddSingleton<IValidateOptions<McpServerOptions>, McpServerOptionsValidator>();
        services.AddSingleton<IPostConfigureOptions<McpServerOptions>>(static provider => new McpServerOptionsBinder(provider.GetService<IConfiguration>()));
        services.AddSingleton(provider => new McpOptionsBinder(names, provider.GetService<IConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<McpOptions>>(static provider => provider.GetRequiredService<McpOptionsBinder>());
        services.AddSingleton<IValidateOptions<McpOptions>>(static provider => provider.GetRequiredService<McpOptionsBinder>());
        services.AddOptionsWithValidateOnStart<McpOptions>();
        services.TryAddSingleton<IMcpToolPinStore>(static provider =>
            provider.GetRequiredService<IOptions<McpOptions>>().Value.PinFile is { } file ? new FileMcpToolPinStore(file) : new InMemoryMcpToolPinStore());
        services.AddSingleton<McpServers>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<McpServers>());
        return names;
    }
}
