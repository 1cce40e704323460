using Microsoft.Extensions.Configuration;

namespace AgentHosting.Redis.Internal;

/// <summary>Reads section <c>AgentHosting:Redis</c>.</summary>
internal static class RedisConfiguration
{
    public const string SectionName = "Redis";
    public const string Section = $"{AgentHostingConfiguration.Section}:{SectionName}";

    public static void Bind(IConfigurationSection section, RedisOptions options) => section.Bind(options, StrictBinding.Strict);
}
