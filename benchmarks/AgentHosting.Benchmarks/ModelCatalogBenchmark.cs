using AgentHosting.Agents;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Benchmarks;

/// <summary>What the model catalog adds to a call.</summary>
public class ModelCatalogBenchmark
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "What is the capital of France?")];
    private readonly ChatOptions _options = new ChatOptions { ModelId = "mini", MaxOutputTokens = 100 }.WithAgentContext(new AgentCallContext());
    private readonly LeafChatClient _leaf = new();
    private ServiceProvider _services = null!;
    private IChatClient _catalog = null!;

    [GlobalSetup]
    public void Setup()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddAgentHosting().AddModel("mini", _ => _leaf).AddAgent("a");
        _services = services.BuildServiceProvider();
        _catalog = _services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient;
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Leaf() => _leaf.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Catalog() => _catalog.GetResponseAsync(Messages, _options);
}
