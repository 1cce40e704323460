using AgentHosting.Agents;
using AgentHosting.Agents.Internal;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.Runs;
using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting;

/// <summary>Adds models, agents and tools to a host.</summary>
public static class AgentHostingBuilderExtensions
{
    /// <summary>Adds a model under a name. The first one added is the default.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name by which agents and <c>ChatOptions.ModelId</c> ask for it.</param>
    /// <param name="createClient">Creates the client, once; the host disposes it.</param>
    /// <param name="configure">Sets price, window and limits. Configuration section <c>AgentHosting:Models:NAME</c> wins over it.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public static IAgentHostingBuilder AddModel(
        this IAgentHostingBuilder builder, string name, Func<IServiceProvider, IChatClient> createClient, Action<ModelOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(createClient);
        ThrowIfUnusable<ModelRegistration>(builder, name, registration => registration.Name, "model");
        builder.Services.AddSingleton(new ModelRegistration { Name = name, CreateClient = createClient });
        builder.Services.AddOptions<ModelOptions>(name).Configure(configure ?? (static _ => { }));
        return builder;
    }

    /// <summary>Adds an agent under a name. The first one added is the default.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name by which requests ask for it.</param>
    /// <param name="configure">Describes it. Configuration section <c>AgentHosting:Agents:NAME</c> wins over its settings.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public static IAgentHostingBuilder AddAgent(this IAgentHostingBuilder builder, string name, Action<AgentBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ThrowIfUnusable<AgentRegistration>(builder, name, registration => registration.Name, "agent");
        var registration = new AgentRegistration { Name = name };
        builder.Services.AddSingleton(registration);
        configure?.Invoke(new AgentBuilder(registration, builder.Services));
        return builder;
    }

    /// <summary>Adds a tool that agents in configuration ask for by name (<c>AgentHosting:Agents:NAME:Tools</c>).</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="tool">The tool.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The tool's name is taken.</exception>
    public static IAgentHostingBuilder AddTool(this IAgentHostingBuilder builder, AIFunction tool)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(tool);
        ThrowIfUnusable<ToolRegistration>(builder, tool.Name, registration => registration.Name, "tool");
        builder.Services.AddSingleton(new ToolRegistration { Name = tool.Name, Create = _ => tool });
        return builder;
    }

    /// <summary>Adds a tool that agents in configuration ask for by name, with what a call of it can do at worst.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="risk">What a call can do at worst.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The tool's name is taken.</exception>
    public static IAgentHostingBuilder AddTool(this IAgentHostingBuilder builder, AIFunction tool, ToolRisk risk) => builder.AddTool(tool, options => options.Risk = risk);

    /// <summary>Adds a tool that agents in configuration ask for by name, with its limits.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="configure">Sets risk and limits. <c>ToolValidationOptions.Tools</c> wins over it.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The tool's name is taken, or what was set is not valid.</exception>
    public static IAgentHostingBuilder AddTool(this IAgentHostingBuilder builder, AIFunction tool, Action<ToolOptions> configure) =>
        builder.AddTool(ToolWithOptions.Around(tool, configure));

    /// <summary>
    /// Adds a source of tools that agents ask for by name, in code with <c>WithToolSource</c> or in configuration (<c>AgentHosting:Agents:NAME:ToolSources</c>).
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name by which agents ask for it.</param>
    /// <param name="create">Gets the source from the host's services, once, when the host starts; who creates it disposes it.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public static IAgentHostingBuilder AddToolSource(this IAgentHostingBuilder builder, string name, Func<IServiceProvider, IAgentToolSource> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        ThrowIfUnusable<ToolSourceRegistration>(builder, name, registration => registration.Name, "tool source");
        builder.Services.AddSingleton(new ToolSourceRegistration { Name = name, Create = create });
        return builder;
    }

    /// <summary>Changes how this process executes runs. Configuration section <c>AgentHosting:Worker</c> wins over it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder ConfigureWorker(this IAgentHostingBuilder builder, Action<AgentWorkerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(configure);
        return builder;
    }

    /// <summary>Changes how much the store keeps, and for how long. Configuration section <c>AgentHosting:Store</c> wins over it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder ConfigureStore(this IAgentHostingBuilder builder, Action<RunStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(configure);
        return builder;
    }

    /// <summary>
    /// Declares a key directly below <c>AgentHosting</c> in configuration that is read by other code than this package's: an add-on's or the application's own.
    /// Keys that nobody declares stop the start-up, since they are most often misspelt.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The key: <c>Redis</c> for section <c>AgentHosting:Redis</c>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is empty, or holds a colon: what is below the section is not checked.</exception>
    public static IAgentHostingBuilder AddConfigurationSection(this IAgentHostingBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException($"The section name '{name}' holds a colon, which separates configuration keys. Give the first part alone.", nameof(name));
        }

        builder.Services.AddSingleton(new ConfigurationSectionName(name));
        return builder;
    }

    private static void ThrowIfUnusable<TRegistration>(
        IAgentHostingBuilder builder, string name, Func<TRegistration, string> nameOf, string what)
        where TRegistration : class
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException($"The {what} name '{name}' holds a colon, which separates configuration keys. Use letters, digits, '-', '_' or '.'.", nameof(name));
        }

        foreach (var service in builder.Services)
        {
            if (service.ServiceType == typeof(TRegistration) && service.ImplementationInstance is TRegistration other && nameOf(other) == name)
            {
                throw new ArgumentException($"There is already a {what} named '{name}'. Give each {what} a name of its own.", nameof(name));
            }
        }
    }
}
