using AgentHosting.NetworkSafety;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests;

/// <summary>What docs/network-safety.md shows; here, since it needs the factory of HTTP clients.</summary>
internal static class NetworkSafetySnippets
{
    public static void AddToolClient(IServiceCollection services)
    {
        #region tool-client
        services.AddHttpClient("tools")
            .ConfigurePrimaryHttpMessageHandler(static () => new NetworkSafetyHandler(new NetworkSafetyOptions
            {
                AllowedHosts = { "*.example.com" },
                MaxResponseBytes = 1024 * 1024,
            }));
        #endregion
    }
}
