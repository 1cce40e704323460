using AgentHosting.Benchmarks.Peers;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>What a call that is reserved and settled costs in memory, by the number of limits, beside Polly's three strategies around the same client.</summary>
public class TokenBudgetBenchmark
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "What is the capital of France?")];
    private readonly ChatOptions _options = new() { ModelId = "mini", MaxOutputTokens = 100 };
    private readonly LeafChatClient _leaf = new();
    private IChatClient _polly = null!;
    private IChatClient _budget = null!;

    [Params(0, 1, 50)]
    public int Limits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var price = new ModelPrice { Input = 0.15m, Output = 0.6m };
        var options = new TokenBudgetOptions { PriceOf = _ => price };
        for (var i = 0; i < Limits; i++)
        {
            options.Limits.Add(new TokenBudgetLimit { Scope = SpendScope.Global, Window = TokenBudgetWindow.Rolling, Length = TimeSpan.FromMinutes(i + 1), MaxCost = 9_000_000m });
        }

        _polly = _leaf.AsBuilder().Use(static inner => new PollyChatClient(inner)).Build();
        _budget = _leaf.AsBuilder().UseTokenBudget(options).Build();
    }

    [Benchmark]
    public Task<ChatResponse> Leaf() => _leaf.GetResponseAsync(Messages, _options);

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> PollyRetryBreakerTimeout() => _polly.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Budget() => _budget.GetResponseAsync(Messages, _options);
}
