namespace AgentHosting.Guardrails.Internal;

/// <summary>A part of the text and what stands in its place. Positions count the characters of all that was appended.</summary>
internal readonly record struct TextEdit(long Start, long End, string Replacement, bool Blocks = false);
