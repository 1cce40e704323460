using System.Text.Json.Serialization;

namespace AgentHosting.Load.Crashes.Oracle;

/// <summary>A call that reached the provider or a tool's endpoint.</summary>
/// <param name="At">Microseconds since 1970.</param>
/// <param name="Name">The tool; <see cref="Model"/> for a model call.</param>
/// <param name="Run">The run.</param>
/// <param name="Step">The key of the step.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Worker">The process that called.</param>
/// <param name="TookMilliseconds">How long it takes to answer.</param>
internal sealed record OracleCall(long At, string Name, string Run, string Step, int Attempt, int Worker, double TookMilliseconds = 0)
{
    public const string Model = "model";

    /// <summary>The name of an entry that is no call: the one before it, of the same step and attempt, was given up by who made it.</summary>
    public const string GivenUp = "given-up";

    [JsonIgnore]
    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddMicroseconds(At);

    [JsonIgnore]
    public TimeSpan Took => TimeSpan.FromMilliseconds(TookMilliseconds);

    /// <summary>When who made it gave it up.</summary>
    [JsonIgnore]
    public DateTimeOffset? Stopped { get; init; }

    [JsonIgnore]
    public bool IsModel => Name == Model;

    /// <summary>The model call that the step is, or belongs to.</summary>
    [JsonIgnore]
    public int Round => int.Parse(Step.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
}
