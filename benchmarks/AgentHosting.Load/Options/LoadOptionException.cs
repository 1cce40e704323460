namespace AgentHosting.Load.Options;

/// <summary>An option that cannot be used.</summary>
internal sealed class LoadOptionException(string message) : Exception(message);
