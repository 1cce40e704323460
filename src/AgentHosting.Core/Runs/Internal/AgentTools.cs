using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using AgentHosting.Agents;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>The tools of one attempt: those of the agent, those of its sources as they are now, and those that only its journal knows.</summary>
internal static class AgentTools
{
    // The longest name that the providers take.
    private const int LongestName = 64;

    // One object a tool over all attempts: what is counted of a tool (calls at once, breaker, rate) is kept by its object.
    private static readonly ConditionalWeakTable<AIFunction, ConcurrentDictionary<string, RenamedFunction>> Renamed = [];

    public static async ValueTask<IReadOnlyList<AIFunction>> ResolveAsync(RunAttempt attempt)
    {
        var tools = new List<AIFunction>(attempt.Agent.Tools);
        if (attempt.Agent.ToolSources.Count > 0)
        {
            await AddSourcesAsync(tools, attempt);
        }

        var names = tools.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var step in attempt.Claim.Journal)
        {
            // Without it the loop would answer a journaled call that there is no such tool, and what the model said next would not fit.
            if (step.Kind == RunStepKind.Tool && names.Add(step.Name))
            {
                tools.Add(new MissingFunction(step.Name));
            }
        }

        return tools;
    }

    /// <summary>A hash over names and schemas, the same in whatever order the tools come.</summary>
    public static string HashOf(IEnumerable<AIFunction> tools, ToolValidator validator)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tool in tools.Where(static tool => tool is not MissingFunction).OrderBy(static tool => tool.Name, StringComparer.Ordinal))
        {
            hash.AppendData(BitConverter.GetBytes(tool.Name.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(tool.Name));
            hash.AppendData(Encoding.UTF8.GetBytes(validator.EntryOf(tool).Schema.Hash));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async ValueTask AddSourcesAsync(List<AIFunction> tools, RunAttempt attempt)
    {
        var found = new List<(IAgentToolSource Source, AIFunction Tool)>();
        foreach (var source in attempt.Agent.ToolSources)
        {
            foreach (var tool in await GetAsync(source, attempt.Stopping))
            {
                found.Add((source, tool));
            }
        }

        var taken = tools.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (source, tool) in found)
        {
            // With several sources all tools have theirs in front: whose tool a name is must not depend on which of them can be reached.
            var isRenamed = attempt.Agent.ToolSources.Count > 1 || taken.Contains(tool.Name);
            var name = isRenamed ? Free($"{source.Name}_{tool.Name}", taken) : tool.Name;
            taken.Add(name);
            tools.Add(name == tool.Name ? tool : Renamed.GetOrCreateValue(tool).GetOrAdd(name, static (name, tool) => new RenamedFunction(tool, name), tool));
        }
    }

    private static async ValueTask<IReadOnlyList<AIFunction>> GetAsync(IAgentToolSource source, CancellationToken stopping)
    {
        try
        {
            return await source.GetToolsAsync(stopping);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            throw new RunFailureException(AgentRunErrorCodes.ToolsUnavailable, $"The tools of '{source.Name}' could not be had.", canRetry: true, exception);
        }
    }

    private static string Free(string name, HashSet<string> taken)
    {
        name = name.Length > LongestName ? name[..LongestName] : name;
        for (var number = 2; taken.Contains(name); number++)
        {
            var suffix = $"_{number}";
            name = name[..Math.Min(name.Length, LongestName - suffix.Length)] + suffix;
        }

        return name;
    }
}
