using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentHosting.Core.Tests.Architecture;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>
/// Journals as each version of the format stored them are under <c>Journals</c>, never changed, and go on here. Where the JSON of messages or options changes, as with a new version of
/// Microsoft.Extensions.AI, these tests fail: raise <c>JournalFormat.Version</c> and add a file, so that runs that are under way do not fail at the deploy.
/// </summary>
public sealed class JournalVersionTests
{
    private readonly List<string> _called = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_JournalOfAVersion_GoesOn(int version)
    {
        using var provider = Provider(2);
        await using var host = await StartAsync(provider);
        var runId = await host.SubmitAsync();
        var claim = await host.ClaimAsync();
        foreach (var step in Read(await File.ReadAllTextAsync(PathOf(version), Token), version))
        {
            Assert.Equal(RunWriteOutcome.Committed, await host.Store.CommitStepAsync(claim.Lease, step, [], Token));
        }

        await host.Store.ReleaseAsync(claim.Lease, new RunRelease { Failed = false }, Token);
        await host.ExecuteAsync(await host.ClaimAsync());
        var run = await host.GetAsync(runId);

        Assert.Equal(("Done.", null, 0), (run.Result, run.Error?.Message, _called.Count));
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task Run_JournalOfThisVersion_IsAsItWasStored()
    {
        using var provider = Provider(0);
        await using var host = await StartAsync(provider);
        var runId = await host.SubmitAsync();
        await host.ExecuteUntilLostAsync(runId, 7);
        var journal = Write((await host.ClaimAsync()).Journal);

        Assert.Equal(await File.ReadAllTextAsync(PathOf(JournalFormat.Version), Token), journal);
    }

    private Task<AttemptHost> StartAsync(IChatClient provider) => AttemptHost.StartAsync(hosting => hosting
        .AddModel("mini", _ => provider)
        .AddAgent(AttemptHost.Agent, builder => builder
            .WithInstructions("Be brief.")
            .Configure(static options => options.Temperature = 0.3f)
            .WithTool(AIFunctionFactory.Create((string text) => Called("say", text), "say"))
            .WithTool(AIFunctionFactory.Create(() => Called("look", new { a = 1 }), "look"))
            .WithTool(AIFunctionFactory.Create(() => Called("pay", "paid"), "pay"), ToolRisk.High)));

    private T Called<T>(string tool, T result)
    {
        _called.Add(tool);
        return result;
    }

    private static ProviderChatClient Provider(int from) => new(streams: false, [.. ((ChatResponse[])
    [
        new(new ChatMessage(ChatRole.Assistant,
        [
            new TextReasoningContent("Because.") { ProtectedData = "opaque==" },
            new FunctionCallContent("c0", "say", new Dictionary<string, object?> { ["text"] = "hi" }),
            new FunctionCallContent("c1", "look", new Dictionary<string, object?>()),
        ]))
        {
            FinishReason = ChatFinishReason.ToolCalls,
            Usage = new UsageDetails { InputTokenCount = 3, OutputTokenCount = 4 },
        },
        new(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c0", "pay", new Dictionary<string, object?>())])),
        new(new ChatMessage(ChatRole.Assistant, "Done.")),
    ]).Skip(from)]);

    private static string PathOf(int version) => Path.Combine(
        RepositoryRoot.Path, "tests", "AgentHosting.Core.Tests", "Runs", "Journals", string.Create(CultureInfo.InvariantCulture, $"v{version}.jsonl"));

    private static IEnumerable<RunStep> Read(string journal, int version)
    {
        foreach (var line in journal.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            var step = document.RootElement;
            yield return new RunStep
            {
                Key = step.GetProperty("key").GetString()!,
                Kind = Enum.Parse<RunStepKind>(step.GetProperty("kind").GetString()!),
                Name = step.GetProperty("name").GetString()!,
                Attempt = 1,
                Version = version,
                Fingerprint = step.TryGetProperty("fingerprint", out var fingerprint) ? fingerprint.GetString() : null,
                Payload = Encoding.UTF8.GetBytes(step.GetProperty("payload").GetRawText()),
            };
        }
    }

    private static string Write(IReadOnlyList<RunStep> journal)
    {
        var text = new StringBuilder();
        foreach (var step in journal)
        {
            // The answer of a person names the request, whose id is made from that of the run.
            var payload = step.Kind == RunStepKind.Approval
                ? """{"v":2,"request_id":"apr_0","approved":true,"expired":false,"reason":null,"approver":null,"policy":null}"""
                : Encoding.UTF8.GetString(step.Payload.Span);
            var fingerprint = step.Fingerprint is null ? "" : $"\"fingerprint\":\"{step.Fingerprint}\",";
            text.Append(CultureInfo.InvariantCulture, $"{{\"key\":\"{step.Key}\",\"kind\":\"{step.Kind}\",\"name\":\"{step.Name}\",{fingerprint}\"payload\":{payload}}}\n");
        }

        return text.ToString();
    }
}
