using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Validates the calls of tools outside a pipeline: in other loops, in Microsoft Agent Framework, of MCP servers.</summary>
public static class ToolValidationAIFunctionExtensions
{
    /// <summary>Wraps one tool. Limits hold for this wrapper alone; wrap several tools together for a shared set.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="options">The options, read now.</param>
    /// <param name="services">Where policies, filters, stores, clock and log are taken from.</param>
    /// <returns>A tool that never runs what the options deny. Calls that a person must approve are denied, since nobody can be asked here.</returns>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    public static AIFunction WithValidation(this AIFunction tool, ToolValidationOptions options, IServiceProvider? services = null)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return ((IEnumerable<AIFunction>)[tool]).WithValidation(options, services)[0];
    }

    /// <summary>Wraps tools that share limits, breakers and the cache of results.</summary>
    /// <param name="tools">The tools.</param>
    /// <param name="options">The options, read now.</param>
    /// <param name="services">Where policies, filters, stores, clock and log are taken from.</param>
    /// <returns>Tools that never run what the options deny, in the same order.</returns>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    public static IList<AIFunction> WithValidation(this IEnumerable<AIFunction> tools, ToolValidationOptions options, IServiceProvider? services = null)
    {
        ArgumentNullException.ThrowIfNull(tools);
        ArgumentNullException.ThrowIfNull(options);
        var result = new ToolValidationOptionsValidator().Validate(Options.DefaultName, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(ToolValidationOptions), result.Failures);
        }

        var validator = new ToolValidator(options, new StageServices(services ?? EmptyServices.Instance));
        return [.. tools.Select(tool => new ValidatedFunction(validator.EntryOf(tool), validator))];
    }
}
