using AgentHosting.Runs;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Benchmarks;

/// <summary>What a whole run costs in memory whose model answers at once: submitted, claimed by a worker, one journaled step, completed, and its caller told.</summary>
public class EmptyRunBenchmark
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Hi")];
    private readonly LeafChatClient _leaf = new();
    private IHost _host = null!;
    private IAgentRunClient _client = null!;

    [GlobalSetup]
    public void Setup()
    {
        _host = RunHost.Create(_leaf, worker: true);
        _host.Start();
        _client = _host.Services.GetRequiredService<IAgentRunClient>();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Leaf() => _leaf.GetStreamingResponseAsync(Messages).ToChatResponseAsync();

    [Benchmark]
    public async Task<AgentRun> SubmitToCompletion()
    {
        var submission = await _client.SubmitAsync(new AgentRunRequest { Message = "Hi" });
        return (await _client.WaitAsync(submission.RunId))!;
    }
}
