namespace AgentHosting.Load.Crashes.Oracle;

/// <summary>A call that reached the provider or a tool's endpoint.</summary>
/// <param name="At">Microseconds since 1970.</param>
/// <param name="Name">The tool; <see cref="Model"/> for a model call.</param>
/// <param name="Run">The run.</param>
/// <param name="Step">The key of the step.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Worker">The process that called.</param>
internal sealed record OracleCall(long At, string Name, string Run, string Step, int Attempt, int Worker)
{
    public const string Model = "model";

    public bool IsModel => Name == Model;

    /// <summary>The model call that the step is, or belongs to.</summary>
    public int Round => int.Parse(Step.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
}
