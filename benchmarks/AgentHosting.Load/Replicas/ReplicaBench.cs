using System.Globalization;
using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Options;

namespace AgentHosting.Load.Replicas;

/// <summary>What a part works with: Redis, the provider, and two replicas, each of which can be killed and started again.</summary>
internal sealed class ReplicaBench(LoadOptions options, string folder, RedisProcess redis, ChildProcess oracle, Random random) : IAsyncDisposable
{
    private readonly ReplicaProcess?[] _replicas = new ReplicaProcess?[2];

    public LoadOptions Options => options;

    public Random Random => random;

    public string Redis => redis.Endpoint;

    public string Models => oracle.Words[0];

    /// <summary>The budget.</summary>
    public decimal Cap { get; init; }

    public int Kills { get; set; }

    public int Count => _replicas.Length;

    public string AdmittedPath => Path.Combine(folder, "admitted.txt");

    public static string OraclePath(string folder) => Path.Combine(folder, "oracle.jsonl");

    public ReplicaProcess this[int place] => _replicas[place] ?? throw new InvalidOperationException("There is no replica at this place.");

    /// <summary>The calls that reached the provider, of one kind.</summary>
    public IReadOnlyList<OracleCall> Calls(string kind) => [.. OracleLog.Read(OraclePath(folder)).Where(call => ReplicaQuestions.Parse(call.Run).Kind == kind)];

    public int CallsOf(string kind, string name) => Calls(kind).Count(call => ReplicaQuestions.Parse(call.Run).Name == name);

    public Task StartAllAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, Count).Select(place => StartAsync(place, cancellationToken)));

    public async Task StartAsync(int place, CancellationToken cancellationToken) => _replicas[place] = await ReplicaProcess.StartAsync(
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"replica-{place}.log")),
        ["--redis", redis.Endpoint, "--models", oracle.Words[0], "--cap", Cap.ToString(CultureInfo.InvariantCulture), "--admitted", AdmittedPath],
        cancellationToken);

    /// <summary>Kills a replica and starts another in its place.</summary>
    public async Task ReplaceAsync(int place, CancellationToken cancellationToken)
    {
        Kills++;
        await this[place].KillAsync();
        await this[place].DisposeAsync();
        await StartAsync(place, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            if (replica is not null)
            {
                await replica.DisposeAsync();
            }
        }
    }
}
