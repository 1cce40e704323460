using Microsoft.Extensions.AI;

namespace AgentHosting.Stages.Internal;

/// <summary>Finds stages that stand in an order in which they cannot keep their promises, when the pipeline is built.</summary>
internal static class PipelineOrder
{
    private static readonly (PipelineStage Stage, string Method, string Why)[] Stages =
    [
        (PipelineStage.InputGuard, "UseInputGuard", "what the user sends is to be checked once, before anything acts on it"),
        (PipelineStage.ToolValidation, "UseToolValidation", "the tool loop calls the tools that it is given"),
        (PipelineStage.ToolLoop, "UseFunctionInvocation", "a stage outside the tool loop that repeats a call runs its tools again"),
        (PipelineStage.ModelRouter, "UseModelRouter", "cache key, window and price are those of the model that was chosen"),
        (PipelineStage.ContextWindow, "UseContextWindow", "what is cached and sent is the history that fits"),
        (PipelineStage.ResponseCache, "UseResponseCache", "a hit must cost nothing: no retry, breaker or budget may see it"),
        (PipelineStage.OutputGuard, "UseOutputGuard", "what is cached must be filtered already"),
        (PipelineStage.Fallback, "UseFallback", "another model is the answer once retries on the first are used up"),
        (PipelineStage.Retry, "UseRetry", "every attempt has to pass breaker, limits and budget for itself"),
        (PipelineStage.CircuitBreaker, "UseCircuitBreaker", "a refusal of limit or budget says nothing about the model"),
        (PipelineStage.ModelRateLimit, "UseModelRateLimit", "a call that waits for the limit holds no budget"),
        (PipelineStage.TokenBudget, "UseTokenBudget", "one reservation is one request to the provider"),
    ];

    /// <summary>What stands in <paramref name="client"/>.</summary>
    public static PipelineStage In(IChatClient client)
    {
        var stages = client.GetService(typeof(PipelineStage)) is PipelineStage found ? found : PipelineStage.None;
        return client.GetService<FunctionInvokingChatClient>() is null ? stages : stages | PipelineStage.ToolLoop;
    }

    /// <exception cref="InvalidOperationException">A stage that belongs above <paramref name="stage"/> stands below it, or one that makes attempts stands there twice.</exception>
    public static void Check(PipelineStage stage, PipelineStage below)
    {
        if (stage is PipelineStage.Retry or PipelineStage.Fallback && (below & stage) != 0)
        {
            throw new InvalidOperationException(
                $"{NameOf(stage)} stands in this pipeline twice, maybe once in the pipeline of a model. Their attempts multiply: three times three are nine requests. Remove one.");
        }

        if (stage is PipelineStage.CircuitBreaker && (below & stage) != 0)
        {
            throw new InvalidOperationException(
                $"{NameOf(stage)} stands in this pipeline twice, maybe once in the pipeline of a model. Each failure would count twice, and a probe that the outer one lets through would be refused by the inner one. Remove one.");
        }

        if (stage is PipelineStage.ModelRateLimit && (below & stage) != 0)
        {
            throw new InvalidOperationException(
                $"{NameOf(stage)} stands in this pipeline twice, maybe once in the pipeline of a model. Each request would be counted twice, so that half of the limit were left. Remove one.");
        }

        if (stage is PipelineStage.ToolValidation && (below & stage) != 0)
        {
            throw new InvalidOperationException(
                $"{NameOf(stage)} stands in this pipeline twice. The inner one would decide about calls whose approval the outer one has to find. UseProductionDefaults contains it where it is registered: configure it there (ToolValidation), or remove one.");
        }

        foreach (var other in Stages)
        {
            if (other.Stage < stage && (below & other.Stage) != 0)
            {
                throw new InvalidOperationException(
                    $"{NameOf(stage)} stands above {other.Method}. Move {other.Method} before it, since the stage added first is the outermost: {other.Why}.");
            }
        }
    }

    private static string NameOf(PipelineStage stage) => Array.Find(Stages, entry => entry.Stage == stage).Method;
}
