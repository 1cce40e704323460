using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentHosting.Mcp.Internal;

/// <summary>Binds the options of a server after code has set them, so that an operator's setting wins.</summary>
internal sealed class McpServerOptionsBinder(IConfiguration? configuration = null) : IPostConfigureOptions<McpServerOptions>
{
    public void PostConfigure(string? name, McpServerOptions options)
    {
        if (configuration is not null)
        {
            StrictBinding.Bind(configuration.GetSection($"{McpConfiguration.ServersSection}:{name}"), options, McpConfiguration.Bind);
        }
    }
}
