namespace AgentHosting.Core.Tests.Runs;

internal sealed record Payment(string Id, decimal Amount);
