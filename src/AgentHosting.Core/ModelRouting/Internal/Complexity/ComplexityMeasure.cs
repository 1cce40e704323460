namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>Takes a measure of a prompt from what was counted.</summary>
internal delegate float ComplexityMeasure(in PromptCounts counts);
