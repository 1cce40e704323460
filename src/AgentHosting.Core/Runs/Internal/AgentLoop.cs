using AgentHosting.Models;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// The agent's loop inside an attempt: Microsoft.Extensions.AI's function loop over journaled tools and a journaling client. It is called
/// without streaming, since the journaling client streams the model itself and hands on only what is committed.
/// </summary>
internal static class AgentLoop
{
    public static async Task<string> RunAsync(
        RunAttempt attempt,
        RunEventWriter events,
        IModelCatalog models,
        TimeProvider timeProvider,
        IServiceProvider services,
        ILoggerFactory loggerFactory,
        RunSteps steps,
        Action onAbandoned)
    {
        var agent = attempt.Agent;
        var validator = services.GetRequiredService<ToolValidator>();
        var guards = services.GetRequiredService<RunGuards>();
        var call = ToolCallOf(attempt);
        var offered = await AgentTools.ResolveAsync(attempt);
        var logger = loggerFactory.CreateLogger<RunExecutor>();
        var start = await RunStarter.FreezeAsync(attempt, events, AgentTools.HashOf(offered, validator), logger);
        var tools = new List<AITool>(offered.Count);
        foreach (var tool in offered)
        {
            tools.Add(new JournalingFunction(new ValidatedFunction(validator.EntryOf(tool), validator), call, attempt, events, guards, steps, timeProvider));
        }

        // Not disposed: that would dispose the agent's pipeline, which all runs share.
        var loop = new FunctionInvokingChatClient(
            new JournalingChatClient(agent.ChatClient, attempt, events, models, guards, timeProvider, logger, onAbandoned), loggerFactory, services)
        {
            MaximumIterationsPerRequest = start.MaxIterations,
            AllowConcurrentInvocation = agent.Options.ConcurrentTools,
        };
        var response = await loop.GetResponseAsync(start.Messages, start.ToOptions(tools), attempt.Stopping);
        attempt.ThrowIfStopped();
        if (attempt.IsSuspended)
        {
            throw new RunSuspendedException();
        }

        return AnswerOf(response, start.MaxIterations);
    }

    private static ToolCall ToolCallOf(RunAttempt attempt) => new()
    {
        Context = new AgentCallContext
        {
            TenantId = attempt.Run.Identity.TenantId,
            UserId = attempt.Run.Identity.UserId,
            SessionId = attempt.Run.SessionId,
            RunId = attempt.Run.Id,
            Agent = attempt.Agent.Name,
            Attempt = attempt.Lease.Attempt,
        },
        Identity = attempt.Run.Identity,
        DefaultTimeout = attempt.Agent.Options.ToolTimeout,
        // The agent's MaxToolCalls holds for all of them.
        Counts = attempt.ToolCalls,
    };

    private static string AnswerOf(ChatResponse response, int maxIterations)
    {
        var last = response.Messages.Count > 0 ? response.Messages[^1] : null;
        if (last?.Role == ChatRole.Assistant && last.Text.Length > 0)
        {
            return last.Text;
        }

        if (last is not null && (last.Role == ChatRole.Tool || last.Contents.OfType<FunctionCallContent>().Any()))
        {
            throw new RunFailureException(
                AgentRunErrorCodes.IterationLimit, $"The model still asked for tools after {maxIterations} rounds and gave no answer. Raise MaxIterations, or improve the instructions.", canRetry: false);
        }

        if (response.FinishReason == ChatFinishReason.ContentFilter)
        {
            throw new RunFailureException(AgentRunErrorCodes.ModelCallFailed, "The provider's content filter withheld the answer.", canRetry: false);
        }

        return string.Empty;
    }
}
