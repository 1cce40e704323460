using System.Globalization;

namespace AgentHosting.Redis.SelfTests.Internal;

/// <summary>What a server tells of itself (<c>INFO</c>), which managed servers allow where <c>CONFIG GET</c> is forbidden.</summary>
internal sealed class RedisInfo
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public RedisInfo(string? text)
    {
        foreach (var line in (text ?? "").AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && line[0] != '#')
            {
                _values[line[..colon].ToString()] = line[(colon + 1)..].ToString();
            }
        }
    }

    /// <summary>The version whose commands it speaks: Valkey names the one of Redis that it began from.</summary>
    public Version? Version => Version.TryParse(_values.GetValueOrDefault("redis_version"), out var version) ? version : null;

    public string Product =>
        _values.TryGetValue("valkey_version", out var valkey) ? $"Valkey {valkey}" : string.Create(CultureInfo.InvariantCulture, $"Redis {_values.GetValueOrDefault("redis_version", "of unknown version")}");

    public string? EvictionPolicy => _values.GetValueOrDefault("maxmemory_policy");

    public bool IsCluster => _values.GetValueOrDefault("cluster_enabled") == "1";

    public bool HasNoAppendOnlyFile => _values.GetValueOrDefault("aof_enabled") == "0";
}
