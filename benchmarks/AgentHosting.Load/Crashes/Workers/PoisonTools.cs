using System.Diagnostics;
using AgentHosting.Agents;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>Tools that do harm: one kills its process, two do not hear of cancellation.</summary>
internal static class PoisonTools
{
    /// <summary>The file that keeps the tool from killing, in the environment of workers.</summary>
    public const string Antidote = "AGENTHOSTING_LOAD_ANTIDOTE";
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(60);

    public static void AddTo(AgentBuilder agent)
    {
        Add(agent, CrashPlan.Die, "Kills its process.", static item =>
        {
            if (!File.Exists(Environment.GetEnvironmentVariable(Antidote)))
            {
                using var self = Process.GetCurrentProcess();
                self.Kill();
            }

            return Task.FromResult(CrashPlan.ResultOf(CrashPlan.Die, item));
        });
        Add(agent, CrashPlan.Ignore, "Waits, and does not listen to its token.", static async item =>
        {
            await Task.Delay(Deaf, TimeProvider.System, CancellationToken.None);
            return CrashPlan.ResultOf(CrashPlan.Ignore, item);
        });
        Add(agent, CrashPlan.Block, "Blocks its thread.", static item =>
        {
            using var never = new ManualResetEventSlim();
            never.Wait(Deaf, CancellationToken.None);
            return Task.FromResult(CrashPlan.ResultOf(CrashPlan.Block, item));
        });
    }

    private static void Add(AgentBuilder agent, string name, string description, Func<string, Task<string>> call) =>
        agent.WithTool(AIFunctionFactory.Create((string item) => call(item), name, description), static tool =>
        {
            tool.Risk = ToolRisk.Medium;
            tool.IsIdempotent = true;
            tool.Timeout = TimeSpan.FromMinutes(2);
        });
}
