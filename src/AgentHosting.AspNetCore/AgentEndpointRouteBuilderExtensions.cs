using AgentHosting.Agents;
using AgentHosting.AspNetCore;
using AgentHosting.AspNetCore.Health;
using AgentHosting.AspNetCore.Internal;
using AgentHosting.AspNetCore.Runs;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting;

/// <summary>Maps the HTTP endpoints of AgentHosting.</summary>
public static class AgentEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps <c>run</c>, <c>status</c>, <c>events</c>, <c>stream</c>, <c>approvals</c>, <c>cancel</c> and <c>sessions</c> under <see cref="AgentEndpointOptions.Prefix"/>,
    /// and the health endpoints under <see cref="AgentEndpointOptions.HealthPath"/>.
    /// </summary>
    /// <param name="endpoints">The application, or a group of endpoints.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>Takes conventions, such as <c>RequireAuthorization()</c>, for all endpoints but those of health, which stay open to probes.</returns>
    /// <exception cref="InvalidOperationException"><c>AddAgentHosting()</c> was not called.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are not valid; the exception lists every reason.</exception>
    /// <remarks>In Production the host refuses to start while the endpoints neither ask for authentication nor were told to go without.</remarks>
    public static IEndpointConventionBuilder MapAgentHosting(this IEndpointRouteBuilder endpoints, Action<AgentEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ThrowIfNotRegistered(endpoints.ServiceProvider);
        var options = new AgentEndpointOptions();
        configure?.Invoke(options);
        AgentEndpointOptionsValidator.Validate(options);

        var exposure = new EndpointExposure(endpoints, options);
        var checks = endpoints.ServiceProvider.GetRequiredService<AgentHostingStartupChecks>();
        // Not before: agents may be in configuration that is added until the start.
        checks.AddBeforeStart(_ => ThrowIfNoAgent(endpoints.ServiceProvider));
        exposure.AddTo(checks);
        var group = endpoints.MapGroup(options.Prefix.TrimEnd('/'));
        group.WithMetadata(exposure).WithTags("Agent");
        RunEndpoints.Map(group, options, exposure);
        if (options.HealthPath is { } healthPath)
        {
            HealthEndpoints.Map(endpoints.MapGroup(healthPath.TrimEnd('/')), options);
        }

        return group;
    }

    private static ValueTask ThrowIfNoAgent(IServiceProvider services)
    {
        var agents = services.GetRequiredService<IAgentRegistry>();
        // It throws where there is none, and says what to call.
        return agents.Find(agents.DefaultAgent) is null ? throw new InvalidOperationException($"There is no agent '{agents.DefaultAgent}'.") : ValueTask.CompletedTask;
    }

    private static void ThrowIfNotRegistered(IServiceProvider services)
    {
        if (services.GetService<AgentHostingStartupChecks>() is null || services.GetService<IServiceProviderIsService>()?.IsService(typeof(IAgentRunClient)) == false)
        {
            throw new InvalidOperationException(
                "MapAgentHosting() needs services that are not registered. Add this line before builder.Build(): builder.Services.AddAgentHosting();");
        }
    }
}
