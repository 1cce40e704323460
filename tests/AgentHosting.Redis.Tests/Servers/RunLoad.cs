using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>Submits runs of five users to a host one after the other, each under a key, and sees to it that all of them end.</summary>
internal sealed class RunLoad(IHost host)
{
    private readonly IAgentRunClient _client = host.Services.GetRequiredService<IAgentRunClient>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public List<string> Ids { get; } = [];

    /// <summary>Submits until the trouble is over, and some more.</summary>
    public async Task RunAsync(Func<Task> trouble)
    {
        await SubmitAsync(5);
        var ended = trouble();
        while (!ended.IsCompleted)
        {
            await SubmitAsync(1);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        await ended;
        await SubmitAsync(5);
    }

    public async Task SubmitAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var request = new AgentRunRequest { Message = "Go", IdempotencyKey = $"key-{Ids.Count}", Identity = new AgentIdentity { UserId = $"user-{Ids.Count % 5}" } };
            Ids.Add((await RepeatAsync(() => _client.SubmitAsync(request, Token))).RunId);
        }
    }

    /// <summary>Waits for all of them.</summary>
    public async Task AssertAllSucceededAsync()
    {
        foreach (var id in Ids.Distinct())
        {
            AgentRun? run = null;
            await TestHost.UntilAsync(async () => (run = await RepeatAsync(() => _client.GetAsync(id, Token)))?.CompletedAt is not null, $"the end of {id}, which is {run?.Status}");
            Assert.Equal((AgentRunStatus.Succeeded, 0), (run!.Status, run.Failures));
        }

        Assert.Equal(Ids.Count, Ids.Distinct().Count());
    }

    private static async Task<T> RepeatAsync<T>(Func<ValueTask<T>> command)
    {
        var limit = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(40);
        while (true)
        {
            try
            {
                return await command();
            }
            catch (RunStoreUnavailableException) when (TimeProvider.System.GetUtcNow() < limit)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
            }
        }
    }
}
