namespace AgentHosting.Stages.Internal;

/// <summary>The version of the rules by which answers are filtered, which a filter tells those above it.</summary>
internal sealed record AnswerPolicy(string Version);
