using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Binds options from the host's configuration after code has set them, so that an operator's setting wins over the developer's.</summary>
/// <param name="configuration">The configuration, if the host has one.</param>
/// <param name="path">The section below <c>AgentHosting</c> for an options name.</param>
/// <param name="bind">The call of the source-generated binder, which needs a concrete type.</param>
internal sealed class ConfigurationSectionBinder<TOptions>(
    IConfiguration? configuration,
    Func<string?, string> path,
    Action<IConfigurationSection, TOptions> bind) : IPostConfigureOptions<TOptions>
    where TOptions : class
{
    public void PostConfigure(string? name, TOptions options)
    {
        if (configuration is not null)
        {
            StrictBinding.Bind(configuration.GetSection($"{AgentHostingConfiguration.Section}:{path(name)}"), options, bind);
        }
    }
}
