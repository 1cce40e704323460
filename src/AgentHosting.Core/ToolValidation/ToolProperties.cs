using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation;

/// <summary>The keys of <see cref="AITool.AdditionalProperties"/> under which a tool says what is to be known about it.</summary>
public static class ToolProperties
{
    /// <summary>A <see cref="ToolRisk"/>, or its name.</summary>
    public const string Risk = "agenthosting.tool.risk";

    /// <summary>A number of seconds, or a <see cref="TimeSpan"/>.</summary>
    public const string Timeout = "agenthosting.tool.timeout";

    /// <summary>A <see cref="bool"/>.</summary>
    public const string IsIdempotent = "agenthosting.tool.is_idempotent";

    /// <summary>A <see cref="ToolOptions"/>, as registration with <c>WithTool(tool, configure)</c> leaves it.</summary>
    public const string Options = "agenthosting.tool.options";
}
