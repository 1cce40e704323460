namespace AgentHosting.Stages.Internal;

/// <summary>The version of the rules by which answers are filtered, which a filter tells those above it.</summary>
/// <param name="Version">Differs for rules that differ.</param>
/// <param name="IsOfSession">Whether answers hold what means something in the session only, so that no other may get them.</param>
internal sealed record AnswerPolicy(string Version, bool IsOfSession = false);
