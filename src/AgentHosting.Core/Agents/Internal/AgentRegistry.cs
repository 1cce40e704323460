using AgentHosting.Models;
using AgentHosting.Models.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Agents.Internal;

/// <summary>Builds every agent once, from the registrations, the options of its name and the tools it asks for.</summary>
internal sealed class AgentRegistry : IAgentRegistry
{
    private const string AgentsSection = $"{AgentHostingConfiguration.Section}:Agents";
    private const string NoAgent = $"The host has no agent. Call AddAgent(\"name\", agent => ...) after AddAgentHosting(), or add one to configuration under {AgentsSection}.";
    private const string DefaultAgentKey = $"{AgentHostingConfiguration.Section}:DefaultAgent";
    private readonly Dictionary<string, AgentDefinition> _agents = new(StringComparer.Ordinal);
    private readonly IServiceProvider _services;
    private readonly IModelCatalog _models;
    private readonly Dictionary<string, ToolRegistration> _tools;
    private readonly Dictionary<string, Lazy<IAgentToolSource>> _toolSources;
    private readonly string _contentRoot;
    private readonly string? _defaultAgent;

    public AgentRegistry(
        IEnumerable<AgentRegistration> registrations,
        IEnumerable<ToolRegistration> tools,
        IEnumerable<ToolSourceRegistration> toolSources,
        IOptionsMonitor<AgentOptions> options,
        IModelCatalog models,
        IServiceProvider services,
        IConfiguration? configuration = null,
        IHostEnvironment? environment = null)
    {
        _services = services;
        _models = models;
        _tools = tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
        _toolSources = toolSources.ToDictionary(
            source => source.Name, source => new Lazy<IAgentToolSource>(() => source.Create(services)), StringComparer.Ordinal);
        _contentRoot = environment?.ContentRootPath ?? AppContext.BaseDirectory;

        var names = new List<string>();
        foreach (var registration in registrations)
        {
            _agents.Add(registration.Name, Build(registration, options.Get(registration.Name)));
            names.Add(registration.Name);
        }

        foreach (var section in configuration?.GetSection(AgentsSection).GetChildren() ?? [])
        {
            if (!_agents.ContainsKey(section.Key))
            {
                _agents.Add(section.Key, Build(new AgentRegistration { Name = section.Key }, options.Get(section.Key)));
                names.Add(section.Key);
            }
        }

        Names = names;
        _defaultAgent = configuration?[DefaultAgentKey] ?? names.FirstOrDefault();
        if (_defaultAgent is not null && !_agents.ContainsKey(_defaultAgent))
        {
            throw new InvalidOperationException($"{DefaultAgentKey} is '{_defaultAgent}', which is no agent. {(names.Count == 0 ? NoAgent : $"Use one of: {string.Join(", ", names)}.")}");
        }
    }

    public IReadOnlyList<string> Names { get; }

    // A host may use the pipeline alone.
    public string DefaultAgent => _defaultAgent ?? throw new InvalidOperationException(NoAgent);

    public AgentDefinition? Find(string name) => _agents.GetValueOrDefault(name);

    private AgentDefinition Build(AgentRegistration registration, AgentOptions options)
    {
        var key = $"{AgentsSection}:{registration.Name}";
        var model = options.Model ?? _models.DefaultModel;
        if (_models.Find(model) is null)
        {
            throw new InvalidOperationException($"{key}:Model is '{model}', which is no model. Add it with AddModel(\"{model}\", ...) or use one of: {string.Join(", ", _models.Names)}.");
        }

        if (registration.Code is not null)
        {
            CodeAgentSettings.Check(key, registration, options);
        }

        var pipeline = new ChatClientBuilder(new ModelCatalogChatClient(_models));
        registration.ConfigurePipeline?.Invoke(pipeline);
        return new AgentDefinition
        {
            Name = registration.Name,
            Options = options,
            Instructions = options.InstructionsFile is { } file ? ReadInstructions(key, file) : options.Instructions,
            Model = model,
            Code = registration.Code,
            Tools = CollectTools(key, registration, options),
            ToolSources = CollectToolSources(key, registration, options),
            ChatClient = pipeline.Build(_services),
        };
    }

    private string ReadInstructions(string key, string file)
    {
        var path = Path.GetFullPath(file, _contentRoot);
        if (!File.Exists(path))
        {
            throw new InvalidOperationException($"{key}:InstructionsFile is '{file}', and there is no file '{path}'. Correct the path, or copy the file to the output.");
        }

        return File.ReadAllText(path);
    }

    private List<AIFunction> CollectTools(string key, AgentRegistration registration, AgentOptions options)
    {
        var tools = registration.Tools.ConvertAll(create => create(_services));
        foreach (var name in options.Tools)
        {
            tools.Add(_tools.TryGetValue(name, out var tool)
                ? tool.Create(_services)
                : throw new InvalidOperationException(
                    $"{key}:Tools names '{name}', which is no tool. Add it with AddTool(...) or use one of: {string.Join(", ", _tools.Keys)}."));
        }

        foreach (var group in tools.GroupBy(tool => tool.Name, StringComparer.Ordinal))
        {
            if (group.Count() > 1)
            {
                throw new InvalidOperationException($"Agent '{registration.Name}' has {group.Count()} tools named '{group.Key}'. Give each tool a name of its own.");
            }
        }

        return tools;
    }

    private List<IAgentToolSource> CollectToolSources(string key, AgentRegistration registration, AgentOptions options)
    {
        var sources = new List<IAgentToolSource>();
        foreach (var name in registration.ToolSources.Concat(options.ToolSources).Distinct(StringComparer.Ordinal))
        {
            sources.Add(_toolSources.TryGetValue(name, out var source)
                ? source.Value
                : throw new InvalidOperationException(
                    $"{key}:{nameof(options.ToolSources)} names '{name}', which is no tool source. Add it with AddMcpServer(\"{name}\", ...) or AddToolSource(...), or use one of: {string.Join(", ", _toolSources.Keys)}."));
        }

        return sources;
    }
}
