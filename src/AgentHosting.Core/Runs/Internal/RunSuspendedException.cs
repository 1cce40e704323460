namespace AgentHosting.Runs.Internal;

/// <summary>Leaves the loop of a run that has to wait for an answer.</summary>
internal sealed class RunSuspendedException() : Exception("The run waits for an answer.");
