using AgentHosting.Agents.Internal;
using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Agents;

/// <summary>Describes an agent. Given by <c>AddAgent(name, agent => ...)</c>.</summary>
public sealed class AgentBuilder
{
    private readonly AgentRegistration _registration;

    internal AgentBuilder(AgentRegistration registration, IServiceCollection services)
    {
        _registration = registration;
        Services = services;
    }

    /// <summary>The agent's name.</summary>
    public string Name => _registration.Name;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Sets what the agent is told before the conversation.</summary>
    /// <param name="instructions">The text.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder WithInstructions(string instructions)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instructions);
        return Configure(options => options.Instructions = instructions);
    }

    /// <summary>Reads the instructions from a file, once, when the host starts.</summary>
    /// <param name="path">The file; a relative path starts at the content root.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder WithInstructionsFromFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Configure(options => options.InstructionsFile = path);
    }

    /// <summary>Names the model that the agent's calls go to.</summary>
    /// <param name="model">A name given to <c>AddModel</c>.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder WithModel(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return Configure(options => options.Model = model);
    }

    /// <summary>Gives the agent a tool.</summary>
    /// <param name="tool">The tool. Its <c>IServiceProvider</c> parameter, if any, is the scope of the attempt.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder WithTool(AIFunction tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return WithTool(_ => tool);
    }

    /// <summary>Gives the agent a tool, and says what a call of it can do at worst.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="risk">What a call can do at worst.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder WithTool(AIFunction tool, ToolRisk risk) => WithTool(tool, options => options.Risk = risk);

    /// <summary>Gives the agent a tool with its limits.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="configure">Sets risk and limits. <c>ToolValidationOptions.Tools</c> wins over it.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">What was set is not valid.</exception>
    public AgentBuilder WithTool(AIFunction tool, Action<ToolOptions> configure) => WithTool(ToolWithOptions.Around(tool, configure));

    /// <summary>Gives the agent a tool that is built from the host's services, once.</summary>
    /// <param name="create">Builds the tool.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder WithTool(Func<IServiceProvider, AIFunction> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _registration.Tools.Add(create);
        return this;
    }

    /// <summary>Gives the agent the tools of a source, as they are when a run needs them.</summary>
    /// <param name="name">The name under which the source was added with <c>AddToolSource</c>, or by a package on top of it.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder WithToolSource(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _registration.ToolSources.Add(name);
        return this;
    }

    /// <summary>Changes the agent's settings.</summary>
    /// <param name="configure">Changes them.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder Configure(Action<AgentOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(Name, configure);
        return this;
    }

    /// <summary>Sets what runs instead of the tool loop.</summary>
    internal AgentBuilder WithCode(Delegate code)
    {
        _registration.Code = code;
        return this;
    }

    /// <summary>Builds the stages between the tool loop and the model catalog. The first stage added is the outermost.</summary>
    /// <param name="configure">Adds the stages.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder UsePipeline(Action<ChatClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _registration.ConfigurePipeline += configure;
        return this;
    }
}
