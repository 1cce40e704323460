using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentHosting.Redis.Internal;

/// <summary>Binds the options after code has set them, so that an operator's setting wins.</summary>
internal sealed class RedisOptionsBinder(IConfiguration? configuration = null) : IPostConfigureOptions<RedisOptions>
{
    public void PostConfigure(string? name, RedisOptions options)
    {
        if (configuration is not null)
        {
            StrictBinding.Bind(configuration.GetSection(RedisConfiguration.Section), options, RedisConfiguration.Bind);
        }
    }
}
