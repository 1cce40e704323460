using AgentHosting.Agents;
using AgentHosting.Models;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.DependencyInjection.Internal;

/// <summary>Builds models and agents before anything is served, so that what is set up wrongly stops the start-up, and runs the checks of other packages.</summary>
internal sealed class AgentHostingStartup(
    AgentHostingStartupChecks checks, IServiceProvider services, IEnumerable<ConfigurationSectionName> sections, IConfiguration? configuration = null) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (configuration is not null)
        {
            UnknownSections.Check(configuration, sections);
        }

        var models = (IModelCatalog)services.GetService(typeof(IModelCatalog))!;
        foreach (var section in configuration?.GetSection($"{AgentHostingConfiguration.Section}:Models").GetChildren() ?? [])
        {
            if (models.Find(section.Key) is null)
            {
                throw new InvalidOperationException($"{section.Path} configures a model that has no client. Call AddModel(\"{section.Key}\", services => chatClient), or remove the section.");
            }
        }

        var agents = (IAgentRegistry)services.GetService(typeof(IAgentRegistry))!;
        var validator = (ToolValidator)services.GetService(typeof(ToolValidator))!;
        foreach (var tool in agents.Names.SelectMany(name => agents.Find(name)!.Tools))
        {
            // Now, so that the log tells which tools declare no risk before one of them is called.
            validator.EntryOf(tool);
        }

        await checks.RunBeforeStartAsync(cancellationToken);
    }

    public async Task StartedAsync(CancellationToken cancellationToken) => await checks.RunAfterStartAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
