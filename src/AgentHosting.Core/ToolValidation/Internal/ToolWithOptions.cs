using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A tool with what its registration says about it.</summary>
internal sealed class ToolWithOptions(AIFunction innerFunction, ToolOptions options) : DelegatingAIFunction(innerFunction)
{
    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        new Dictionary<string, object?>(innerFunction.AdditionalProperties, StringComparer.Ordinal) { [ToolProperties.Options] = options };

    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static AIFunction Around(AIFunction tool, Action<ToolOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(tool);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ToolOptions();
        configure(options);
        var errors = new OptionsErrors($"Tool '{tool.Name}'");
        ToolValidationOptionsValidator.AddTool(errors, "options", options);
        var result = errors.ToResult();
        return result.Failed ? throw new ArgumentException(result.FailureMessage, nameof(configure)) : new ToolWithOptions(tool, options);
    }
}
