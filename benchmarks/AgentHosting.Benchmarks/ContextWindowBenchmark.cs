using AgentHosting.ContextWindows;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>What the context window adds to a call whose history fits, and to one whose history is cut.</summary>
public class ContextWindowBenchmark
{
    private readonly List<ChatMessage> _messages = [new(ChatRole.System, "Be brief.")];
    private readonly LeafChatClient _leaf = new();
    private IChatClient _fits = null!;
    private IChatClient _cut = null!;
    private IChatClient _repair = null!;

    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < 50; i++)
        {
            _messages.Add(new ChatMessage(ChatRole.User, $"What is the weather in city number {i}, and what will it be tomorrow?"));
            _messages.Add(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_0", "weather")]));
            _messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_0", $"Sunny, {i} degrees, wind from the west, no rain expected.")]));
            _messages.Add(new ChatMessage(ChatRole.Assistant, "It is sunny now, and it will be sunny tomorrow."));
        }

        _messages.Add(new ChatMessage(ChatRole.User, "Which was the warmest?"));
        _fits = _leaf.AsBuilder().UseContextWindow(new ContextWindowOptions { MaxInputTokens = 1_000_000 }).Build();
        _cut = _leaf.AsBuilder().UseContextWindow(new ContextWindowOptions { MaxInputTokens = 1_000 }).Build();
        _repair = _leaf.AsBuilder().UseTranscriptRepair().Build();
    }

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Leaf() => _leaf.GetResponseAsync(_messages);

    [Benchmark]
    public Task<ChatResponse> Repair() => _repair.GetResponseAsync(_messages);

    [Benchmark]
    public Task<ChatResponse> Fits() => _fits.GetResponseAsync(_messages);

    [Benchmark]
    public Task<ChatResponse> Cut() => _cut.GetResponseAsync(_messages);
}
