using System.Text.Json;
using AgentHosting.Failures;
using AgentHosting.Guardrails;
using AgentHosting.ResponseCaching;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Guardrails;

public sealed class OutputGuardChatClientTests
{
    private const string Text = "Write to jane@example.com or pay with 4111 1111 1111 1111 today.";

    [Theory]
    [InlineData(SensitiveDataAction.Redact, "Write to [EMAIL] or pay with [CARD] today.")]
    [InlineData(SensitiveDataAction.Mask, "Write to ****@*******.com or pay with **** **** **** 1111 today.")]
    [InlineData(SensitiveDataAction.Allow, Text)]
    public async Task Answer_BothShapes_AreTheSame(SensitiveDataAction action, string expected)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            using var client = Build(Text, new OutputGuardOptions { DefaultAction = action });
            Assert.Equal(expected, (await client.CallAsync(streaming)).Text);
        }
    }

    [Fact]
    public async Task Hash_SameValue_IsTheSameWithinATenantOnly()
    {
        var options = new OutputGuardOptions { DefaultAction = SensitiveDataAction.Hash, HashKey = "0123456789abcdef" };
        using var client = Build("a@example.com A@Example.com", options);
        var first = (await client.CallAsync(false, Of("one"))).Text.Split(' ');
        var other = (await client.CallAsync(true, Of("two"))).Text.Split(' ');

        Assert.Matches("^\\[EMAIL:[0-9a-f]{16}\\]$", first[0]);
        Assert.Equal(first[0], first[1]);
        Assert.NotEqual(first[0], other[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Block_EndsTheAnswerBeforeIt(bool streaming)
    {
        using var client = Build(Text, new OutputGuardOptions { Actions = { ["CARD"] = SensitiveDataAction.Block } });
        var response = await client.CallAsync(streaming);

        Assert.Equal("Write to [EMAIL] or pay with ", response.Text);
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.Equal("CARD", response.AdditionalProperties![OutputGuardProperties.Blocked]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Block_UsageThatComesAfterIt_IsReported(bool streaming)
    {
        var usage = new UsageDetails { InputTokenCount = 7, OutputTokenCount = 9 };
        ChatResponseUpdate[] updates =
        [
            new(ChatRole.Assistant, "pay 4111 1111 1111 1111 now"), new(ChatRole.Assistant, "secret rest"),
            new() { FinishReason = ChatFinishReason.Stop, Contents = [new UsageContent(usage)] },
        ];
        using var client = new StubChatClient(
            _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "pay 4111 1111 1111 1111 now")) { Usage = usage, FinishReason = ChatFinishReason.Stop }),
            _ => updates.ToAsyncEnumerable()).AsBuilder().UseOutputGuard(new OutputGuardOptions { DefaultAction = SensitiveDataAction.Block }).Build();
        var response = await client.CallAsync(streaming);

        Assert.Equal("pay ", response.Text);
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.Equal(7, response.Usage!.InputTokenCount);
        Assert.Equal(9, response.Usage.OutputTokenCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Annotations_ThatQuoteAValue_AreFiltered(bool streaming)
    {
        var content = new TextContent("see jane@example.com ")
        {
            Annotations =
            [
                new CitationAnnotation
                {
                    Title = "Mail of jane@example.com", Snippet = "write jane@example.com", Url = new Uri("https://example.com/?u=jane@example.com"), FileId = "f1",
                    AnnotatedRegions = [new TextSpanAnnotatedRegion { StartIndex = 4, EndIndex = 20 }], RawRepresentation = "jane@example.com",
                },
            ],
        };
        using var client = new StubChatClient(
            _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [content]))),
            _ => new ChatResponseUpdate[] { new(ChatRole.Assistant, [content]) }.ToAsyncEnumerable()).AsBuilder().UseOutputGuard(new OutputGuardOptions()).Build();
        var response = await client.CallAsync(streaming);

        var citation = Assert.IsType<CitationAnnotation>(Assert.Single(response.Messages[0].Contents[0].Annotations!));
        Assert.Equal(("Mail of [EMAIL]", "write [EMAIL]", (Uri?)null, "f1"), (citation.Title, citation.Snippet, citation.Url, citation.FileId));
        Assert.Null(citation.AnnotatedRegions);
        Assert.Null(citation.RawRepresentation);
    }

    [Fact]
    public async Task Stream_WithoutFindings_PassesTheSameUpdates()
    {
        var updates = "The quick brown fox jumps. Then it rests.".Split(' ').Select(static word => new ChatResponseUpdate(ChatRole.Assistant, word + " ")).ToList();
        updates.Add(new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop, Contents = [new UsageContent(new UsageDetails { OutputTokenCount = 3 })] });
        using var client = new StubChatClient(stream: _ => updates.ToAsyncEnumerable()).AsBuilder().UseOutputGuard(new OutputGuardOptions()).Build();
        var seen = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
        {
            seen.Add(update);
        }

        Assert.Equal(updates, seen, ReferenceEqualityComparer.Instance);
    }

    [Fact]
    public async Task Stream_ValueOverTextContentsAndUsage_IsFound()
    {
        ChatResponseUpdate[] updates =
        [
            new(ChatRole.Assistant, [new TextContent("to jane@"), new TextContent("exam")]),
            new(null, [new UsageContent(new UsageDetails { InputTokenCount = 1 })]),
            new(null, [new TextContent("ple.com, "), new TextContent("please")]) { FinishReason = ChatFinishReason.Stop },
        ];
        using var client = new StubChatClient(stream: _ => updates.ToAsyncEnumerable()).AsBuilder().UseOutputGuard(new OutputGuardOptions()).Build();
        var response = await client.CallAsync(true);

        Assert.Equal("to [EMAIL], please", response.Text);
        Assert.Equal(1, response.Usage!.InputTokenCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_IsFilteredAndToolCallsAreNot(bool streaming)
    {
        AIContent[] contents =
        [
            new TextReasoningContent("The address is jane@example.com"), new TextContent("Sending to jane@example.com"),
            new FunctionCallContent("1", "send", new Dictionary<string, object?> { ["to"] = "jane@example.com" }),
        ];
        using var client = Build(contents, new OutputGuardOptions());
        var response = await client.CallAsync(streaming);
        var shown = response.Messages.SelectMany(static message => message.Contents).ToList();

        Assert.Equal("The address is [EMAIL]", Assert.Single(shown.OfType<TextReasoningContent>()).Text);
        Assert.Equal("Sending to [EMAIL]", response.Text);
        Assert.Equal("jane@example.com", Assert.Single(shown.OfType<FunctionCallContent>()).Arguments!["to"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task JsonFormat_EscapedValue_IsFoundAndStaysJson(bool streaming)
    {
        using var client = Build("{\"to\":\"jane\\u0040example.com\",\"card\":4111111111111111}", new OutputGuardOptions());
        var response = await client.CallAsync(streaming, new ChatOptions { ResponseFormat = ChatResponseFormat.Json });
        using var document = JsonDocument.Parse(response.Text);

        Assert.Equal("[EMAIL]", document.RootElement.GetProperty("to").GetString());
        Assert.Equal("[CARD]", document.RootElement.GetProperty("card").GetString());
    }

    [Fact]
    public async Task Stream_Breaks_GivesWhatWasHeldAndFiltersThePartialText()
    {
        using var client = new StubChatClient(stream: _ => Breaking()).AsBuilder().UseOutputGuard(new OutputGuardOptions()).Build();
        var text = string.Empty;
        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(() => client.CallAsync(true, seen: piece => text += piece));

        Assert.Equal("mail [EMAIL]", text);
        Assert.Equal("mail [EMAIL]", exception.PartialText);

        static async IAsyncEnumerable<ChatResponseUpdate> Breaking()
        {
            await Task.CompletedTask;
            yield return new ChatResponseUpdate(ChatRole.Assistant, "mail jane@example");
            yield return new ChatResponseUpdate(ChatRole.Assistant, ".com");
            throw new StreamInterruptedException("cut") { PartialText = "mail jane@example.com" };
        }
    }

    [Fact]
    public async Task Detector_OfYourOwn_IsCutAnywhereToo()
    {
        var guarded = new Guarded(new OutputGuardOptions { Detectors = { new TicketDetector() } });
        var text = "see T#12345, T#1 and T#99999";
        for (var cut = 0; cut <= text.Length; cut++)
        {
            Assert.Equal("see [TICKET], T#1 and [TICKET]", guarded.Stream(text, [cut])[^1]);
        }

        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("sk_live_")]
    [InlineData("sk_test_")]
    [InlineData("rk_live_")]
    [InlineData("rk_test_")]
    public void Key_WhosePrefixBeginsLikeAnother_IsFound(string prefix)
    {
        var text = $"Use {prefix}4eC39HqLyjWDarjtT1zdp7dc now.";
        var guarded = new Guarded();

        Assert.Equal("Use [API_KEY] now.", guarded.Whole(text));
        Assert.Equal("Use [API_KEY] now.", guarded.Stream(text, Enumerable.Range(1, text.Length - 1))[^1]);
    }

    [Fact]
    public void Piece_LongerThanTheBuffer_IsReadLikeSmallOnes()
    {
        // Longer than several slices, with values across and beside their edges.
        var guarded = new Guarded();
        for (var length = 4_050; length < 4_130; length++)
        {
            var text = new string('x', length) + " a.b@example.com " + string.Concat(Enumerable.Repeat("some words ", 300 + length % 80)) + "4111 1111 1111 1111.";
            var whole = guarded.Whole(text);

            Assert.Equal(text.Replace("a.b@example.com", "[EMAIL]", StringComparison.Ordinal).Replace("4111 1111 1111 1111", "[CARD]", StringComparison.Ordinal), whole);
            Assert.Equal(whole, guarded.Stream(text, Enumerable.Range(1, text.Length / 700).Select(static cut => cut * 700))[^1]);
        }
    }

    [Fact]
    public void AllowedValue_IsShown()
    {
        var guarded = new Guarded(new OutputGuardOptions { AllowedValues = { "Support@Example.com" } });
        Assert.Equal("support@example.com, [EMAIL]", guarded.Whole("support@example.com, jane@example.com"));
    }

    [Fact]
    public void Secret_LongerThanWhatIsLookedAt_IsReplacedWhole()
    {
        var guarded = new Guarded();
        var token = "sk-" + string.Concat(Enumerable.Repeat("a1B2", 3_000));
        Assert.Equal("key [API_KEY] end", guarded.Whole($"key {token} end"));
        Assert.Equal("key [API_KEY] end", guarded.Stream($"key {token} end", Enumerable.Range(1, 12).Select(static i => i * 1_000))[^1]);
    }

    [Fact]
    public void Options_Wrong_NameEveryKey()
    {
        var options = new OutputGuardOptions { DefaultAction = SensitiveDataAction.Hash, MaskKeep = 99, Actions = { ["EMIAL"] = SensitiveDataAction.Redact } };
        var exception = Assert.Throws<OptionsValidationException>(() => new ChatClientBuilder(new StubChatClient()).UseOutputGuard(options));

        Assert.Contains("AgentHosting:OutputGuard:HashKey", exception.Message, StringComparison.Ordinal);
        Assert.Contains("AgentHosting:OutputGuard:MaskKeep", exception.Message, StringComparison.Ordinal);
        Assert.Contains("AgentHosting:OutputGuard:Actions:EMIAL", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Order_CacheBelowTheGuard_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => new ChatClientBuilder(new StubChatClient())
            .UseOutputGuard(new OutputGuardOptions()).UseResponseCache(new ResponseCacheOptions()).Build());

    [Fact]
    public void PolicyVersion_OtherRules_IsAnother()
    {
        static string Version(OutputGuardOptions options) =>
            new ChatClientBuilder(new StubChatClient()).UseOutputGuard(options).Build().GetService<AnswerPolicy>()!.Version;

        Assert.Equal(Version(new OutputGuardOptions()), Version(new OutputGuardOptions()));
        Assert.NotEqual(Version(new OutputGuardOptions()), Version(new OutputGuardOptions { Actions = { ["EMAIL"] = SensitiveDataAction.Mask } }));
    }

    [Fact]
    public void Filter_Values_KeepTheirForm()
    {
        var filter = new OutputGuardFilter(new OutputGuardOptions());
        using var document = JsonDocument.Parse("{\"to\":\"jane@example.com\",\"n\":1}");
        var arguments = new Dictionary<string, object?> { ["to"] = "jane@example.com", ["n"] = 3 };

        Assert.Equal("[EMAIL]", filter.FilterValue("jane@example.com"));
        Assert.Equal("[EMAIL]", Assert.IsType<JsonElement>(filter.FilterValue(document.RootElement)).GetProperty("to").GetString());
        Assert.Equal("[EMAIL]", Assert.IsType<Dictionary<string, object?>>(filter.FilterValue(arguments))["to"]);
        Assert.Equal("jane@example.com", arguments["to"]);
        Assert.Equal(7, filter.FilterValue(7));
    }

    private static IChatClient Build(string text, OutputGuardOptions options) => Build([new TextContent(text)], options);

    private static IChatClient Build(AIContent[] contents, OutputGuardOptions options) => new StubChatClient(
        _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. contents])) { FinishReason = ChatFinishReason.Stop }),
        _ => Pieces(contents).ToAsyncEnumerable()).AsBuilder().UseOutputGuard(options).Build();

    private static IEnumerable<ChatResponseUpdate> Pieces(AIContent[] contents)
    {
        foreach (var content in contents)
        {
            var text = (content as TextContent)?.Text ?? (content as TextReasoningContent)?.Text;
            if (text is null)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, [content]);
                continue;
            }

            foreach (var piece in text.Chunk(5))
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, [content is TextContent ? new TextContent(new string(piece)) : new TextReasoningContent(new string(piece))]);
            }
        }

        yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop };
    }

    private static ChatOptions Of(string tenant) => ((ChatOptions?)null).WithAgentContext(new AgentCallContext { TenantId = tenant });

    private sealed class TicketDetector : ISensitiveDataDetector
    {
        public string Kind => "TICKET";

        public string TriggerCharacters => "T";

        public int MaxLength => 7;

        public int Match(char previous, ReadOnlySpan<char> text)
        {
            if (!text.StartsWith("T#"))
            {
                return 0;
            }

            var length = 2;
            while (length < text.Length && char.IsAsciiDigit(text[length]))
            {
                length++;
            }

            return length == 7 ? length : 0;
        }
    }
}
