namespace AgentHosting.Stages.Internal;

/// <summary>The stages of a pipeline in their order, outermost first. The numbers are the bits under which a pipeline tells what it holds.</summary>
[Flags]
internal enum PipelineStage
{
    None = 0,
    InputGuard = 1 << 0,
    ToolLoop = 1 << 1,
    ModelRouter = 1 << 2,
    ContextWindow = 1 << 3,
    ResponseCache = 1 << 4,
    OutputGuard = 1 << 5,
    Fallback = 1 << 6,
    Retry = 1 << 7,
    CircuitBreaker = 1 << 8,
    ModelRateLimit = 1 << 9,
    TokenBudget = 1 << 10,
}
