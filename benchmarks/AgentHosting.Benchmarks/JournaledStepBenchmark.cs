using AgentHosting.Agents;
using AgentHosting.Models;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Benchmarks;

/// <summary>
/// What it costs to journal a model call of 20 updates in memory: fingerprint, events, the stored form, the store's commit, and the form read back; and what it costs to replay one.
/// The bare call streams too and puts its updates together, since that is what a step does. The history is the same at each step, as the loop hands it on.
/// </summary>
public class JournaledStepBenchmark
{
    // A run of that many steps, so that neither starting one counts nor its journal grows without end.
    private const int StepsOfARun = 500;
    private readonly LeafChatClient _leaf = new();
    private readonly ChatOptions _options = new() { Instructions = "Be brief.", MaxOutputTokens = 100 };
    private readonly List<ChatMessage> _messages = [];
    private IHost _host = null!;
    private IRunStore _store = null!;
    private AgentDefinition _agent = null!;
    private ClaimedRun _claim = null!;
    private ClaimedRun _journaled = null!;
    private RunEventWriter? _events;
    private JournalingChatClient _step = null!;
    private JournalingChatClient _replay = null!;
    private int _steps = StepsOfARun;
    private int _replays = StepsOfARun;

    [Params(1, 100)]
    public int History { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _messages.AddRange(Enumerable.Range(0, History).Select(static number => new ChatMessage(
            number % 2 == 0 ? ChatRole.User : ChatRole.Assistant, string.Concat(Enumerable.Repeat("What is the weather there? ", 36)))));
        _host = RunHost.Create(_leaf, worker: false);
        _store = _host.Services.GetRequiredService<IRunStore>();
        _agent = _host.Services.GetRequiredService<IAgentRegistry>().Find("a")!;
        BeginRunAsync().GetAwaiter().GetResult();
        JournaledStep().GetAwaiter().GetResult();
        var first = _claim;
        _store.ReleaseAsync(first.Lease, new RunRelease { Failed = false }, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var step = Claim().Journal[0];
        _journaled = new ClaimedRun
        {
            Lease = first.Lease,
            Run = first.Run,
            Journal = [.. Enumerable.Range(1, StepsOfARun).Select(number => new RunStep
            {
                Key = number.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Kind = step.Kind,
                Name = step.Name,
                Attempt = 1,
                Version = step.Version,
                Fingerprint = step.Fingerprint,
                Payload = step.Payload,
            })],
        };
        _steps = StepsOfARun;
    }

    [GlobalCleanup]
    public void Cleanup() => _host.Dispose();

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Leaf() => _leaf.GetStreamingResponseAsync(_messages, _options).ToChatResponseAsync();

    [Benchmark]
    public async Task<ChatResponse> JournaledStep()
    {
        if (_steps++ >= StepsOfARun)
        {
            await BeginRunAsync();
        }

        return await _step.GetResponseAsync(_messages, _options);
    }

    [Benchmark]
    public async Task<ChatResponse> ReplayedStep()
    {
        if (_replays++ >= StepsOfARun)
        {
            _replays = 1;
            _replay = Client(new RunAttempt(_journaled, _agent), _events!);
        }

        return await _replay.GetResponseAsync(_messages, _options);
    }

    private async Task BeginRunAsync()
    {
        if (_events is not null)
        {
            await _events.DisposeAsync();
            await _store.CancelAsync(_claim.Run.Id, CancellationToken.None);
            await _store.ReleaseAsync(_claim.Lease, new RunRelease { Failed = false }, CancellationToken.None);
        }

        await _host.Services.GetRequiredService<IAgentRunClient>().SubmitAsync(new AgentRunRequest { Message = "Go" });
        _claim = Claim();
        var attempt = new RunAttempt(_claim, _agent);
        _events = new RunEventWriter(_store, attempt, TimeProvider.System, new AgentWorkerOptions().EventFlushInterval);
        _step = Client(attempt, _events);
        _steps = 1;
    }

    private ClaimedRun Claim() => _store.Claim(
        new RunClaimRequest { WorkerId = "w", MaxRuns = 1, Agents = new Dictionary<string, int> { ["a"] = 1 }, LeaseDuration = TimeSpan.FromHours(1) })[0];

    private JournalingChatClient Client(RunAttempt attempt, RunEventWriter events) => new(
        _leaf,
        attempt,
        events,
        _host.Services.GetRequiredService<IModelCatalog>(),
        _host.Services.GetRequiredService<RunGuards>(),
        TimeProvider.System,
        NullLogger.Instance,
        static () => throw new InvalidOperationException("The client does not hang."));
}
