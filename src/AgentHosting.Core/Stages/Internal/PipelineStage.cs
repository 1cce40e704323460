namespace AgentHosting.Stages.Internal;

/// <summary>The stages of a pipeline in their order, outermost first. The numbers are the bits under which a pipeline tells what it holds.</summary>
[Flags]
internal enum PipelineStage
{
    None = 0,
    InputGuard = 1 << 0,
    ToolValidation = 1 << 1,
    ToolLoop = 1 << 2,
    ModelRouter = 1 << 3,
    ContextWindow = 1 << 4,
    ResponseCache = 1 << 5,
    OutputGuard = 1 << 6,
    Fallback = 1 << 7,
    Retry = 1 << 8,
    CircuitBreaker = 1 << 9,
    ModelRateLimit = 1 << 10,
    TokenBudget = 1 << 11,
}
