namespace AgentHosting.Guardrails.Internal;

/// <summary>Where in a text something sensitive stands.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Start">Its first character.</param>
/// <param name="End">The position after its last one.</param>
/// <param name="IsOpen">Whether it is longer than what is looked at: the characters of a token that follow belong to it.</param>
internal readonly record struct Finding(string Kind, int Start, int End, bool IsOpen = false);
