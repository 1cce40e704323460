using System.Text.RegularExpressions;
using AgentHosting.Guardrails;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>A stream of 20 updates without a guard, with regular expressions over each piece, and with the output guard.</summary>
public class OutputGuardBenchmark
{
    private static readonly Regex[] Patterns =
    [
        new(@"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", RegexOptions.Compiled),
        new(@"\b(?:\d[ -]?){13,19}\b", RegexOptions.Compiled),
        new(@"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}\b", RegexOptions.Compiled),
        new(@"\b(?:\d{1,3}\.){3}\d{1,3}\b", RegexOptions.Compiled),
        new(@"\+\d[\d ().-]{7,16}\d", RegexOptions.Compiled),
        new(@"\b(?:sk-[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36}|eyJ[\w-]+\.[\w-]+\.[\w-]+)", RegexOptions.Compiled),
    ];

    private static readonly ChatMessage[] Question = [new(ChatRole.User, "hi")];
    private readonly LeafChatClient _leaf = new();
    private IChatClient _guarded = null!;

    [GlobalSetup]
    public void Setup() => _guarded = _leaf.AsBuilder().UseOutputGuard(new OutputGuardOptions()).Build();

    [Benchmark(Baseline = true)]
    public Task<int> NoGuard() => CountAsync(_leaf);

    [Benchmark]
    public async Task<int> NaiveRegexPerChunk()
    {
        var count = 0;
        await foreach (var update in _leaf.GetStreamingResponseAsync(Question))
        {
            var text = update.Text;
            foreach (var pattern in Patterns)
            {
                text = pattern.Replace(text, "[X]");
            }

            count += text.Length;
        }

        return count;
    }

    [Benchmark]
    public Task<int> OutputGuard() => CountAsync(_guarded);

    private static async Task<int> CountAsync(IChatClient client)
    {
        var count = 0;
        await foreach (var update in client.GetStreamingResponseAsync(Question))
        {
            count += update.Text.Length;
        }

        return count;
    }
}
