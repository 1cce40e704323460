using Microsoft.Extensions.AI;

namespace AgentHosting.Guardrails.Internal;

/// <summary>What came of inspecting a request: the messages to go on with, how much they look like prompt injection, and whether the answer is to say so.</summary>
internal readonly record struct InputFindings(IReadOnlyList<ChatMessage> Messages, double Score, bool IsTagged);
