namespace AgentHosting.Agents.Internal;

/// <summary>Refuses what an agent that is code would ignore in silence.</summary>
internal static class CodeAgentSettings
{
    public static void Check(string key, AgentRegistration registration, AgentOptions options)
    {
        Refuse(options.Instructions is not null, nameof(options.Instructions), "Put them into the messages that the code sends.");
        Refuse(options.InstructionsFile is not null, nameof(options.InstructionsFile), "Put them into the messages that the code sends.");
        Refuse(registration.Tools.Count + options.Tools.Count > 0, nameof(options.Tools), "Call what they do from the code, in a StepAsync.");
        Refuse(registration.ToolSources.Count + options.ToolSources.Count > 0, nameof(options.ToolSources), "Call what they do from the code, in a StepAsync.");
        Refuse(options.MaxIterations != AgentDefaults.MaxIterations, nameof(options.MaxIterations), "Bound the loops of the code in the code.");
        Refuse(options.MaxToolCalls is not null, nameof(options.MaxToolCalls), "Bound the loops of the code in the code.");
        Refuse(options.ConcurrentTools, nameof(options.ConcurrentTools), "Start steps at once in the code.");
        Refuse(options.ToolTimeout != AgentDefaults.ToolTimeout, nameof(options.ToolTimeout), "Bound the time of a step in the code.");

        Refuse(options.OnUnknownOutcome != default, nameof(options.OnUnknownOutcome), "Ask with AskAsync in the code.");

        void Refuse(bool isSet, string setting, string instead)
        {
            if (isSet)
            {
                throw new InvalidOperationException($"{key}:{setting} is set, and agent '{registration.Name}' runs code (RunsCode), which does not use it. {instead}");
            }
        }
    }
}
