using System.Globalization;
using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Options;
using AgentHosting.Testing;

namespace AgentHosting.Load.Replicas;

/// <summary>The provider of replicas, in a process of its own: each call is on the disk, with its bill, before it is answered.</summary>
internal sealed class ReplicaOracleScenario : ILoadScenario
{
    private int _calls;

    public string Name => "replica-oracle";

    public string Summary => "started by replicas: the provider, which records every call and what it bills";

    public IReadOnlyList<LoadOption> Options { get; } = [new("log", "oracle.jsonl", "the file of calls")];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        using var log = new OracleLog(options.Text("log"));
        await using var models = new LocalModelServer(request => Answer(log, request)) { MaxRecordedRequests = 0 };
        await models.StartAsync(cancellationToken);
        await Console.Out.WriteLineAsync($"{ChildProcess.Ready} {models.Endpoint}".AsMemory(), cancellationToken);
        await ChildProcess.WaitForParentAsync(cancellationToken);
        return true;
    }

    private ScriptedTurn Answer(OracleLog log, ScriptedRequest request)
    {
        var (kind, name) = ReplicaQuestions.Parse(request.LastUserText);
        var output = ReplicaQuestions.OutputTokensOf(name, request.Options?.MaxOutputTokens ?? 0);
        // The place of the step holds what is billed.
        log.Add(OracleCall.Model, string.Create(CultureInfo.InvariantCulture, $"{kind} {name}|{output}|0|0"));
        return kind == ReplicaQuestions.Fail
            ? ScriptedTurn.Fail(503)
            : ScriptedTurn.Text(ReplicaQuestions.AnswerTo(name, Interlocked.Increment(ref _calls))).WithUsage(ReplicaQuestions.InputTokens, output).WithDelay(DelayOf(kind));
    }

    private static TimeSpan DelayOf(string kind) => kind switch
    {
        ReplicaQuestions.Slow => TimeSpan.FromMilliseconds(500),
        ReplicaQuestions.VerySlow => TimeSpan.FromSeconds(3),
        _ => TimeSpan.FromMilliseconds(20),
    };
}
