using System.Text.Json;
using AgentHosting.Compliance;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting.Redis.Tests.PayloadProtection;

/// <summary>Content of every kind goes into the store; what can be found of it there is what is not protected.</summary>
public sealed class PlantedWordsTests(SharedRedis redis)
{
    private static readonly string[] _content =
    [
        "message", "claim", "metadata", "start", "step", "note", "delta", "reasoning", "argument", "toolresult", "eventerror", "eventreason", "waitargument", "waitreason", "whendue", "superseded", "dueevent",
        "answer", "answerevent", "signal", "kept", "result", "error", "turn",
    ];

    private readonly RedisOptions _options = SharedRedis.NewOptions();
    private readonly HashSet<string> _found = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Store_WithoutProtector_HasAllContentAndNoFrame()
    {
        await PlantAsync(null);

        Assert.Equal(_content.Order(), _found.Order());
        Assert.DoesNotContain(await KeySearch.ReadAsync(redis.Multiplexer, _options.KeyPrefix), static value => value.AsSpan().Contains((byte)0xff));
    }

    [Fact]
    public async Task Store_WithProtector_HasNoContent()
    {
        await PlantAsync(new TestProtector());

        Assert.Empty(_found);
    }

    private static string Word(string kind) => $"planted-{kind}-word";

    private static byte[] Payload(string kind) => JsonSerializer.SerializeToUtf8Bytes(Word(kind));

    private async Task PlantAsync(IPayloadProtector? protector)
    {
        await using var connection = redis.Connect(options: _options);
        await using var store = new RedisRunStore(connection, Microsoft.Extensions.Options.Options.Create(new RunStoreOptions { MaxEventsPerRun = 100 }), NullLogger<RedisRunStore>.Instance, protector);
        var (one, two, three) = (Submission(store, "s1"), Submission(store, "s2"), Submission(store, null));
        foreach (var submission in (RunSubmission[])[one, two, three])
        {
            await store.EnqueueAsync(submission, Token);
        }

        await LookAsync();
        var leases = (await store.ClaimAsync(
            new RunClaimRequest { WorkerId = "w", Agents = new Dictionary<string, int> { ["a"] = 10 }, MaxRuns = 10, LeaseDuration = TimeSpan.FromMinutes(1) }, Token)).ToDictionary(static claim => claim.Run.Id, static claim => claim.Lease);
        var lease = leases[one.Id];
        await store.CommitStepAsync(lease, Step("0", RunStepKind.Start, "start"), [], Token);
        await store.NoteStepAsync(lease, new RunStepNote { Key = "1", Payload = Payload("note") }, Token);
        await store.AppendEventsAsync(lease, 1, Events(), Token);
        await store.CommitStepAsync(lease, Step("3", RunStepKind.Model, "step"), Events(), Token);
        await store.OpenWaitAsync(lease, Wait(), [], Token);
        await store.RaiseEventAsync(one.Id, new RunSignal { Name = "later", Payload = Payload("kept") }, Token);
        await store.OpenWaitAsync(lease, new RunWait { Key = "e", RequestId = "e", Kind = RunStepKind.Event, Name = "now" }, [], Token);
        await LookAsync();
        await store.RaiseEventAsync(one.Id, new RunSignal { Name = "now", Payload = Payload("signal") }, Token);
        await store.AnswerAsync(
            one.Id,
            "r",
            new RunAnswer
            {
                Decision = "approved",
                Payload = Payload("answer"),
                Event = new AgentRunEvent { Type = AgentRunEventTypes.ApprovalAnswered, Step = "4", Reason = Word("answerevent") },
            },
            Token);
        await LookAsync();
        await store.CompleteAsync(
            lease,
            new RunCompletion { Status = AgentRunStatus.Succeeded, Result = Word("result"), SessionMessages = Payload("turn") },
            Token);
        await LookAsync();

        // One that is cut off leaves a turn of its journal and its partial text, with folded events.
        lease = leases[two.Id];
        for (var batch = 1; batch < 60; batch++)
        {
            await store.AppendEventsAsync(lease, batch, [.. Events().Take(3)], Token);
        }

        await store.CancelAsync(two.Id, Token);
        await store.ReleaseAsync(lease, new RunRelease { Failed = false }, Token);
        await store.CompleteAsync(
            leases[three.Id], new RunCompletion { Status = AgentRunStatus.Failed, Error = new AgentRunError { Code = "internal_error", Message = Word("error") } }, Token);
        await LookAsync();
        var partial = Assert.Single((await store.GetSessionAsync(two.Identity, "s2", Token))!.Turns).PartialText;
        Assert.Equal(string.Concat(Enumerable.Repeat(Word("delta") + " ", 59)), partial);
    }

    private async Task LookAsync() =>
        _found.UnionWith((await KeySearch.FindAsync(redis.Multiplexer, _options.KeyPrefix, _content.Select(Word))).Select(static word => word.Split('-')[1]));

    private static RunSubmission Submission(RedisRunStore store, string? session) => new()
    {
        Id = store.CreateRunId("t"),
        Agent = "a",
        Message = Word("message"),
        Identity = new AgentIdentity { TenantId = "t", UserId = "u", Claims = [new AgentClaim { Type = "role", Value = Word("claim") }] },
        Metadata = new Dictionary<string, string> { ["label"] = Word("metadata") },
        SessionId = session,
        ExpireAfter = TimeSpan.FromHours(1),
    };

    private static RunStep Step(string key, RunStepKind kind, string word) => new() { Key = key, Kind = kind, Name = "tool", Attempt = 1, Payload = Payload(word) };

    private static RunWait Wait() => new()
    {
        Key = "4",
        RequestId = "r",
        Kind = RunStepKind.Approval,
        Name = "tool",
        Arguments = JsonSerializer.SerializeToElement(Word("waitargument")),
        Reason = Word("waitreason"),
        Timeout = TimeSpan.FromHours(1),
        AnswerWhenDue = new RunAnswer
        {
            Decision = "expired",
            Payload = Payload("whendue"),
            Event = new AgentRunEvent { Type = AgentRunEventTypes.ApprovalAnswered, Step = "4", Reason = Word("dueevent") },
        },
        AnswerWhenSuperseded = new RunAnswer { Decision = "superseded", Payload = Payload("superseded") },
    };

    private static List<AgentRunEvent> Events() =>
    [
        new() { Type = AgentRunEventTypes.TextDelta, Step = "2", Text = Word("delta") + " " },
        new() { Type = AgentRunEventTypes.ReasoningDelta, Step = "2", Text = Word("reasoning") },
        new() { Type = AgentRunEventTypes.ToolCall, Step = "2.0", Name = "tool", Arguments = JsonSerializer.SerializeToElement(Word("argument")) },
        new() { Type = AgentRunEventTypes.ToolResult, Step = "2.0", Name = "tool", ToolResult = JsonSerializer.SerializeToElement(Word("toolresult")) },
        new() { Type = AgentRunEventTypes.ToolResult, Step = "2.0", Name = "tool", Error = new AgentRunError { Code = "tool_failed", Message = Word("eventerror") } },
        new() { Type = AgentRunEventTypes.ApprovalRequested, Step = "2.0", Name = "tool", Reason = Word("eventreason"), RequestId = "r" },
    ];
}
