using AgentHosting.Load.Options;
using AgentHosting.Redis;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>The modes that there are.</summary>
internal static class CrashModes
{
    private static readonly Func<CrashMode>[] Known =
    [
        static () => new KillMode(),
        static () => new DeployMode(),
        static () => new RedisMode(),
        static () => new ProxyMode(),
        static () => new FailoverMode(RedisDurability.Fast),
        static () => new FailoverMode(RedisDurability.Replicated),
        static () => new StarveMode(),
        static () => new SkewMode(),
        static () => new RedisClockMode(),
        static () => new PoisonMode(),
        static () => new MemoryMode(drops: false),
        static () => new MemoryMode(drops: true),
    ];

    public static string Help => string.Join("; ", All().Select(static mode => $"{mode.Name}: {mode.Summary}"));

    public static string Default => All().First().Name;

    /// <exception cref="LoadOptionException">There is none of this name.</exception>
    public static CrashMode Of(string name) =>
        All().FirstOrDefault(mode => mode.Name == name) ?? throw new LoadOptionException($"--mode is '{name}'. Use {string.Join(", ", All().Select(static mode => mode.Name))}.");

    private static IEnumerable<CrashMode> All() => Known.Select(static create => create());
}
