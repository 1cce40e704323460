using AgentHosting.Runs;
using AgentHosting.Runs.Internal.InMemory;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>
/// A store that outlives its hosts, and hosts over it. A clock that is given goes on at the pace of the real one besides what the test advances it by: a worker that
/// pauses for a moment would never come back otherwise.
/// </summary>
internal sealed class CodeAgentHost(FakeTimeProvider? time = null) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private readonly ITimer? _clock = time is null ? null : TimeProvider.System.CreateTimer(static time => ((FakeTimeProvider)time!).Advance(Tick), time, Tick, Tick);

    public InMemoryRunStore Store { get; } = new(Options.Create(new RunStoreOptions()), (TimeProvider?)time ?? TimeProvider.System, NullLogger<InMemoryRunStore>.Instance);

    public void Dispose() => _clock?.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<TestHost> StartAsync(Func<AgentRunContext, CancellationToken, Task<string>> code, IChatClient? model = null) => StartAsync(
        hosting => hosting.AddAgent("a", agent => agent.RunsCode(code).Configure(static options => options.RetryDelay = TimeSpan.Zero)), model);

    public Task<TestHost> StartAsync(Action<IAgentHostingBuilder> configure, IChatClient? model = null, IRunStore? store = null) => TestHost.StartAsync(hosting =>
    {
        if (time is not null)
        {
            hosting.Services.AddSingleton<TimeProvider>(time);
        }

        hosting.Services.AddSingleton(store ?? Store);
        configure(hosting.AddModel("mini", _ => model ?? new ScriptedChatClient(static request => ScriptedTurn.Text("echo " + request.Messages[^1].Text))));
    });

    public static async Task<string> SubmitAsync(TestHost host, string message = "go", string? session = null) =>
        (await host.Client.SubmitAsync(new AgentRunRequest { Message = message, SessionId = session }, Token)).RunId;

    public static async Task<AgentRun> UntilWaitingAsync(TestHost host, string runId, int events = 1)
    {
        var waiting = 0;
        await foreach (var told in host.Client.WatchAsync(runId, 0, Token))
        {
            if (told.Type == AgentRunEventTypes.RunWaiting && ++waiting == events)
            {
                return (await host.Client.GetAsync(runId, Token))!;
            }
        }

        throw new InvalidOperationException("The run ended first: " + (await host.Client.GetAsync(runId, Token))!.Error?.Message);
    }
}
