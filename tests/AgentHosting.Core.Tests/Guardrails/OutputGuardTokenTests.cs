using System.Text.Json;
using AgentHosting.Guardrails;
using AgentHosting.Guardrails.Internal;
using AgentHosting.Load.Guards;
using AgentHosting.ResponseCaching;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Guardrails;

public sealed class OutputGuardTokenTests
{
    private const int Seed = 20_261_127;
    private List<ChatMessage> _sent = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tokenize_SameSession_IsRestoredForTheModel(bool streaming)
    {
        using var client = Build(new TextContent("jane@example.com, JANE@example.com and bob@example.com"));
        var answer = await client.CallAsync(streaming, Of("one"));
        Assert.Equal("<EMAIL_1>, <EMAIL_1> and <EMAIL_2>", answer.Text);

        await AskAsync(client, "mail <EMAIL_2>, not <EMAIL_1>", Of("one"), streaming);
        Assert.Equal("mail bob@example.com, not jane@example.com", _sent[0].Text);
    }

    [Theory]
    [InlineData("two", "<EMAIL_1>")]
    [InlineData("one", "<email_1>")]
    [InlineData("one", "[EMAIL_1]")]
    [InlineData("one", "<EMAIL_01>")]
    [InlineData("one", "<EMAIL_7>")]
    [InlineData("one", "<PHONE_1>")]
    [InlineData("one", "< EMAIL_1 >")]
    public async Task Restore_TokenOfAnotherSessionOrForm_StaysAsItIs(string session, string text)
    {
        using var client = Build(new TextContent("jane@example.com"));
        await client.CallAsync(false, Of("one"));
        await AskAsync(client, text, Of(session), streaming: false);
        Assert.Equal(text, _sent[0].Text);
    }

    [Fact]
    public async Task Restore_SessionOfAnotherTenantOrUser_StaysAsItIs()
    {
        using var client = Build(new TextContent("jane@example.com"));
        await client.CallAsync(false, Of("one"));
        foreach (var context in (AgentCallContext[])[new() { TenantId = "other", UserId = "user", SessionId = "one" }, new() { TenantId = "tenant", UserId = "other", SessionId = "one" }, new() { TenantId = "tenant" }])
        {
            await AskAsync(client, "<EMAIL_1>", ((ChatOptions?)null).WithAgentContext(context), streaming: true);
            Assert.Equal("<EMAIL_1>", _sent[0].Text);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolCall_WithAToken_GivesTheToolTheValue(bool streaming)
    {
        var options = new OutputGuardOptions { DefaultAction = SensitiveDataAction.Tokenize };
        var filter = new OutputGuardFilter(options);
        var context = new AgentCallContext { TenantId = "tenant", UserId = "user", SessionId = "one" };
        Assert.Equal("found <EMAIL_1>", filter.FilterValue("found jane@example.com", context));
        using var document = JsonDocument.Parse("{\"cc\":[\"<EMAIL_1>\",\"\\u003cEMAIL_1\\u003e\"]}");
        using var client = Build(new FunctionCallContent("1", "send", new Dictionary<string, object?> { ["to"] = "<EMAIL_1>", ["more"] = document.RootElement, ["n"] = 3 }), options);
        var answer = await client.CallAsync(streaming, ((ChatOptions?)null).WithAgentContext(context));

        var call = Assert.Single(answer.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>());
        Assert.Equal("jane@example.com", call.Arguments!["to"]);
        Assert.Equal("{\"cc\":[\"jane@example.com\",\"jane@example.com\"]}", ((JsonElement)call.Arguments["more"]!).GetRawText());
        Assert.Equal("<EMAIL_1>", ((IDictionary<string, object?>)filter.FilterValue(new Dictionary<string, object?> { ["to"] = "jane@example.com" }, context)!)["to"]);
    }

    [Fact]
    public void Tokenize_WithoutASession_Redacts()
    {
        var filter = new OutputGuardFilter(new OutputGuardOptions { DefaultAction = SensitiveDataAction.Tokenize });
        Assert.Equal("[EMAIL]", filter.FilterText("jane@example.com"));
    }

    [Fact]
    public void Stream_EveryValueCutAtRandom_IsRestoredToTheText()
    {
        var random = new Random(Seed);
        foreach (var text in GuardCorpus.Planted(Seed, 310))
        {
            var options = new OutputGuardOptions { DefaultAction = SensitiveDataAction.Tokenize };
            var guarded = new Guarded(options);
            var whole = guarded.Whole(text.Text);
            Assert.True(whole.Contains($"<{text.Kind}_1>", StringComparison.Ordinal) && !whole.Contains(text.Value, StringComparison.Ordinal), $"seed {Seed}: {whole}");
            for (var i = 0; i < 12; i++)
            {
                var cuts = Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(text.Text.Length + 1)).Order().ToList();
                var seen = guarded.Stream(text.Text, cuts);
                Assert.True(seen[^1] == whole && seen.TrueForAll(shown => whole.StartsWith(shown, StringComparison.Ordinal)), $"seed {Seed}, cuts {string.Join(',', cuts)}: {seen[^1]}");
            }

            Assert.Equal(text.Text, Restored(options, whole));
        }
    }

    [Fact]
    public void Vault_ForgottenSession_GivesNoNumberThatStandsInItsTexts()
    {
        var vault = new TokenVault(maxScopes: 2, maxTokens: 2, maxLength: 1_000);
        var restorer = new TokenRestorer(vault, ["EMAIL"]);
        TokenScope one = new("t", Session: "1"), two = new("t", Session: "2"), three = new("t", Session: "3");
        Assert.Equal("<EMAIL_1>", vault.TokenOf(one, "EMAIL", "a", "a"));
        vault.TokenOf(two, "EMAIL", "b", "b");
        vault.TokenOf(three, "EMAIL", "c", "c");

        Assert.Equal("to <EMAIL_1>", restorer.RestoreText("to <EMAIL_1>", one));
        Assert.Equal("<EMAIL_2>", vault.TokenOf(one, "EMAIL", "d", "d"));
        Assert.Equal("<EMAIL_3>", vault.TokenOf(one, "EMAIL", "e", "e"));
        Assert.Null(vault.TokenOf(one, "EMAIL", "f", "f"));
        Assert.Equal("<EMAIL_3>", vault.TokenOf(one, "EMAIL", "e", "E"));
    }

    [Fact]
    public async Task Cache_AboveTokens_KeepsNothing()
    {
        var calls = 0;
        using var client = new StubChatClient(_ =>
        {
            calls++;
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "jane@example.com")) { FinishReason = ChatFinishReason.Stop });
        }).AsBuilder().UseResponseCache(new ResponseCacheOptions()).UseOutputGuard(new OutputGuardOptions { DefaultAction = SensitiveDataAction.Tokenize }).Build();
        await client.CallAsync(false, Of("one"));
        await client.CallAsync(false, Of("two"));
        Assert.Equal(2, calls);
    }

    private static string Restored(OutputGuardOptions options, string text) =>
        new GuardPolicy(options, options.Vault).Tokens!.Restore([new ChatMessage(ChatRole.User, text)], new TokenScope("tenant", Session: "session")).Single().Text;

    private static async Task AskAsync(IChatClient client, string text, ChatOptions options, bool streaming)
    {
        if (!streaming)
        {
            await client.GetResponseAsync(text, options, TestContext.Current.CancellationToken);
            return;
        }

        await foreach (var _ in client.GetStreamingResponseAsync(text, options, TestContext.Current.CancellationToken))
        {
        }
    }

    private static ChatOptions Of(string session) =>
        ((ChatOptions?)null).WithAgentContext(new AgentCallContext { TenantId = "tenant", UserId = "user", SessionId = session });

    private IChatClient Build(AIContent content, OutputGuardOptions? options = null) => new StubChatClient(
        _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [content])) { FinishReason = ChatFinishReason.Stop }),
        _ => new ChatResponseUpdate[] { new(ChatRole.Assistant, [content]), new() { FinishReason = ChatFinishReason.Stop } }.ToAsyncEnumerable())
        .AsBuilder().UseOutputGuard(options ?? new OutputGuardOptions { DefaultAction = SensitiveDataAction.Tokenize })
        .Use(
            (messages, chat, next, token) =>
            {
                _sent = [.. messages];
                return next(messages, chat, token);
            }).Build();
}
