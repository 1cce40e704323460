namespace AgentHosting.Runs.Internal;

/// <summary>A model call that code makes.</summary>
/// <param name="Key">The step's key.</param>
/// <param name="Fingerprint">Of what the code asks, without what the agent's settings add: these may change while the run waits.</param>
internal sealed record CodeModelStep(string Key, string Fingerprint);
