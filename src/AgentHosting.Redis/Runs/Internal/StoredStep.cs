using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>A step without its payload, as it is stored. The key comes first: scripts look for it there.</summary>
internal sealed class StoredStep
{
    [JsonPropertyName("k")]
    [JsonPropertyOrder(-1)]
    public required string Key { get; init; }

    [JsonPropertyName("t")]
    public RunStepKind Kind { get; init; }

    [JsonPropertyName("n")]
    public required string Name { get; init; }

    [JsonPropertyName("m")]
    public string? Model { get; init; }

    [JsonPropertyName("u")]
    public AgentRunUsage? Usage { get; init; }

    [JsonPropertyName("c")]
    public decimal? Cost { get; init; }

    [JsonPropertyName("a")]
    public int Attempt { get; init; }

    /// <summary>In ticks.</summary>
    [JsonPropertyName("d")]
    public long Duration { get; init; }

    [JsonPropertyName("e")]
    public bool HasEffects { get; init; }

    [JsonPropertyName("v")]
    public int Version { get; init; }

    [JsonPropertyName("f")]
    public string? Fingerprint { get; init; }

    public static StoredStep Of(RunStep step) => new()
    {
        Key = step.Key,
        Kind = step.Kind,
        Name = step.Name,
        Model = step.Model,
        Usage = step.Usage,
        Cost = step.Cost,
        Attempt = step.Attempt,
        Duration = step.Duration.Ticks,
        HasEffects = step.HasEffects,
        Version = step.Version,
        Fingerprint = step.Fingerprint,
    };

    /// <summary>The step as it was committed.</summary>
    public RunStep ToStep(ReadOnlyMemory<byte> payload) => new()
    {
        Key = Key,
        Kind = Kind,
        Name = Name,
        Model = Model,
        Usage = Usage,
        Cost = Cost,
        Attempt = Attempt,
        Duration = TimeSpan.FromTicks(Duration),
        HasEffects = HasEffects,
        Version = Version,
        Fingerprint = Fingerprint,
        Payload = payload,
    };

    /// <summary>The step as readers of the run see it.</summary>
    public RunStep ForReaders(bool isReplayed) => new()
    {
        Key = Key,
        Kind = Kind,
        Name = Name,
        Model = Model,
        Usage = Usage,
        Cost = Cost,
        Attempt = Attempt,
        Duration = TimeSpan.FromTicks(Duration),
        HasEffects = HasEffects,
        Replayed = isReplayed,
    };
}
