using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Under which name a tool came, where it was given another. What an operator wrote against the name is to hold for it still.</summary>
internal sealed record ToolOrigin(string Name)
{
    public static string? NameOf(AIFunction tool) => tool.GetService<ToolOrigin>() is { } origin && origin.Name != tool.Name ? origin.Name : null;
}
