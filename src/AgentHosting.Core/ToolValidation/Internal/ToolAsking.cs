namespace AgentHosting.ToolValidation.Internal;

/// <summary>Asks a person about a call.</summary>
/// <returns>What the call comes to without being made; <see langword="null"/> when a person has approved it.</returns>
internal delegate ValueTask<ToolOutcome?> ToolAsking(
    ToolEntry entry, ToolArguments arguments, ToolPolicyContext context, ToolDecision decision, CancellationToken cancellationToken);
