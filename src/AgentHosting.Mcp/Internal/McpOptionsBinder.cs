using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentHosting.Mcp.Internal;

/// <summary>Binds what holds for all servers, and refuses settings of a server that nobody added.</summary>
internal sealed class McpOptionsBinder(McpServerNames names, IConfiguration? configuration = null) : IPostConfigureOptions<McpOptions>, IValidateOptions<McpOptions>
{
    public void PostConfigure(string? name, McpOptions options)
    {
        if (configuration is not null)
        {
            StrictBinding.Bind(configuration.GetSection(McpConfiguration.Section), options, McpConfiguration.Bind);
        }
    }

    public ValidateOptionsResult Validate(string? name, McpOptions options)
    {
        var errors = new OptionsErrors(McpConfiguration.Section);
        errors.AddIf(options.PinFile is not null && string.IsNullOrWhiteSpace(options.PinFile), nameof(options.PinFile), "", "Name a file, or leave it out.");
        foreach (var server in configuration?.GetSection(McpConfiguration.ServersSection).GetChildren() ?? [])
        {
            errors.AddIf(
                !names.All.Contains(server.Key),
                $"Servers:{server.Key}",
                "read by nothing",
                $"Call AddMcpServer(\"{server.Key}\"), or AddMcpServers(configuration) for all that are configured; added are: {(names.All.Count > 0 ? string.Join(", ", names.All) : "none")}.");
        }

        return errors.ToResult();
    }
}
