using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>Freezes what a run begins from, before anything of it is sent, and finds it again in a later attempt.</summary>
internal static partial class RunStarter
{
    public static async ValueTask<RunStart> FreezeAsync(RunAttempt attempt, RunEventWriter events, string toolsHash, ILogger logger)
    {
        if (attempt.FindJournaled(RunStart.Key) is { } journaled)
        {
            var frozen = RunStartFormat.Read(journaled.Payload);
            if (frozen.ToolsHash != toolsHash)
            {
                LogToolsChanged(logger, attempt.Run.Id, attempt.Agent.Name);
            }

            return frozen;
        }

        var payload = RunStartFormat.Write(StartOf(attempt, toolsHash));
        await events.CommitStepAsync(
            new RunStep
            {
                Key = RunStart.Key,
                Kind = RunStepKind.Start,
                Name = attempt.Agent.Name,
                Attempt = attempt.Lease.Attempt,
                Version = JournalFormat.Version,
                Payload = payload,
            },
            []);
        // As later attempts will read it: what JSON does not keep must not be sent by this one either.
        return RunStartFormat.Read(payload);
    }

    private static RunStart StartOf(RunAttempt attempt, string toolsHash) => new()
    {
        Instructions = attempt.Agent.Instructions,
        Model = attempt.Agent.Options.Model,
        MaxOutputTokens = attempt.Agent.Options.MaxOutputTokens,
        Temperature = attempt.Agent.Options.Temperature,
        MaxIterations = attempt.Agent.Options.MaxIterations,
        AllowBackgroundResponses = attempt.Agent.Options.AllowBackgroundResponses,
        SessionVersion = attempt.Claim.Session?.Version,
        ToolsHash = toolsHash,
        Messages = RunTranscript.Before(attempt),
    };

    [LoggerMessage(
        EventIds.RunToolsChanged,
        LogLevel.Information,
        "The tools of agent '{Agent}' are not those with which run {RunId} began. Calls that are in its journal are replayed; new ones find the tools as they are now.",
        EventName = "RunToolsChanged")]
    private static partial void LogToolsChanged(ILogger logger, string runId, string agent);
}
