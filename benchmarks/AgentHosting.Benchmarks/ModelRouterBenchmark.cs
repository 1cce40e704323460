using AgentHosting.ModelRouting;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>What the model router adds to a call, by policy, and what one classification takes.</summary>
public class ModelRouterBenchmark
{
    private const string Prompt = "What is the capital of France?";
    private static readonly ChatMessage[] Messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, Prompt)];
    private static readonly string LongPrompt = string.Concat(Enumerable.Repeat("If each of the 12 sheep eats 3.5 kg a day, then how much is left? ", 30));
    private readonly LeafChatClient _leaf = new();
    private readonly ChatOptions _options = new ChatOptions { MaxOutputTokens = 100 }.WithAgentContext(new AgentCallContext { SessionId = "s" });
    private readonly ChatOptions _named = new ChatOptions { MaxOutputTokens = 100, ModelId = "mini" }.WithAgentContext(new AgentCallContext());
    private IChatClient _complexity = null!;
    private IChatClient _cheapest = null!;
    private IChatClient _sticky = null!;
    private IChatClient _latency = null!;

    [GlobalSetup]
    public void Setup()
    {
        _complexity = Build(ModelRoutePolicies.Complexity);
        _cheapest = Build(ModelRoutePolicies.Cheapest);
        _sticky = Build(ModelRoutePolicies.SessionSticky);
        _latency = Build(ModelRoutePolicies.Latency);
    }

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Leaf() => _leaf.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> NamedModel() => _complexity.GetResponseAsync(Messages, _named);

    [Benchmark]
    public Task<ChatResponse> Complexity() => _complexity.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Cheapest() => _cheapest.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> SessionSticky() => _sticky.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Latency() => _latency.GetResponseAsync(Messages, _options);

    [Benchmark]
    public ChatOptions CloneOfOptions() => _options.Clone();

    [Benchmark]
    public ComplexityScore Classify() => ComplexityClassifier.Classify(Prompt);

    [Benchmark]
    public ComplexityScore ClassifyLong() => ComplexityClassifier.Classify(LongPrompt);

    private IChatClient Build(string policy) => _leaf.AsBuilder()
        .UseModelRouter(new ModelRouterOptions { Policy = policy, Candidates = { new() { Model = "mini" }, new() { Model = "large" } } })
        .Build();
}
