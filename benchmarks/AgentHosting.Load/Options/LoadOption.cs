namespace AgentHosting.Load.Options;

/// <summary>An option of a scenario.</summary>
internal sealed record LoadOption(string Name, string Default, string Meaning);
