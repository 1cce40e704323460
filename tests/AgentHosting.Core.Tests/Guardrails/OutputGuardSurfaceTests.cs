using System.Text.Json;
using System.Text.Json.Nodes;
using AgentHosting.Guardrails;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Guardrails;

/// <summary>Where in an answer, or in a value of a tool, something may stand besides its text.</summary>
public sealed class OutputGuardSurfaceTests
{
    private const string Card = "4111111111111111";
    private readonly OutputGuardFilter _filter = new(new OutputGuardOptions());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Block_AfterAMaskAsLongAsItsValue_ShowsTheMask(bool streaming)
    {
        var options = new OutputGuardOptions { Actions = { ["CARD"] = SensitiveDataAction.Mask, ["EMAIL"] = SensitiveDataAction.Block } };
        using var client = Build([new TextContent($"card {Card} "), new TextContent("mail jane@example.com")], options);

        Assert.Equal("card ************1111 mail ", (await client.CallAsync(streaming)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Block_ReplacementAsLongAsWhatIsCutAway_ShowsNothingOfIt(bool streaming)
    {
        // [EMAIL:0123456789abcdef] is 24 characters for 8, and the card that is cut away has 16.
        var options = new OutputGuardOptions { Actions = { ["EMAIL"] = SensitiveDataAction.Hash, ["CARD"] = SensitiveDataAction.Block }, HashKey = "0123456789abcdef" };
        using var client = Build([new TextContent($"ab@cd.eu {Card}")], options);

        Assert.Matches(@"^\[EMAIL:[0-9a-f]{16}\] $", (await client.CallAsync(streaming)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Block_CitationBeforeIt_IsFiltered(bool streaming)
    {
        var cited = new TextContent("see this ") { Annotations = [new CitationAnnotation { Snippet = "write jane@example.com" }] };
        using var client = Build([cited, new TextContent($"and {Card}")], new OutputGuardOptions { Actions = { ["CARD"] = SensitiveDataAction.Block } });
        var response = await client.CallAsync(streaming);

        Assert.Equal("see this and ", response.Text);
        Assert.Equal("write [EMAIL]", Assert.IsType<CitationAnnotation>(Assert.Single(response.Messages.SelectMany(message => message.Contents).SelectMany(content => content.Annotations ?? []))).Snippet);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Citation_AdditionalProperties_AreFiltered(bool streaming)
    {
        using var document = JsonDocument.Parse("""{"mail": "jane@example.com"}""");
        var properties = new AdditionalPropertiesDictionary { ["author"] = "jane@example.com", ["page"] = 7, ["raw"] = document.RootElement.Clone() };
        using var client = Build([new TextContent("see ") { Annotations = [new CitationAnnotation { Title = "A", AdditionalProperties = properties }] }], new OutputGuardOptions());
        var response = await client.CallAsync(streaming);

        var citation = Assert.IsType<CitationAnnotation>(Assert.Single(response.Messages[0].Contents[0].Annotations!));
        Assert.Equal("[EMAIL]", citation.AdditionalProperties!["author"]);
        Assert.Equal(7, citation.AdditionalProperties["page"]);
        Assert.False(citation.AdditionalProperties.ContainsKey("raw"));
        Assert.Equal("jane@example.com", properties["author"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Error_ThatQuotesAKey_IsFiltered(bool streaming)
    {
        var error = new ErrorContent("Incorrect API key: sk-abc123DEF456ghi789JKL012") { ErrorCode = "401", Details = "for jane@example.com" };
        using var client = Build([new TextContent("sorry "), error], new OutputGuardOptions());
        var shown = Assert.Single((await client.CallAsync(streaming)).Messages.SelectMany(message => message.Contents).OfType<ErrorContent>());

        Assert.Equal(("Incorrect API key: [SECRET]", "401", "for [EMAIL]"), (shown.Message, shown.ErrorCode, shown.Details));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Text_OverTwoContentsOfAMessage_IsOneText(bool streaming)
    {
        using var client = Build([new TextContent("card 4111 1111"), new TextContent(" 1111 1111 ok")], new OutputGuardOptions());
        Assert.Equal("card [CARD] ok", (await client.CallAsync(streaming)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Text_HalfInReasoningOrAroundACall_IsNotFound(bool streaming)
    {
        // What docs/middleware/output-guard.md says: they are texts of their own.
        AIContent[] contents = [new TextReasoningContent("card 4111 1111"), new TextContent(" 1111 1111 and jane"), new FunctionCallContent("1", "tool"), new TextContent("@example.com")];
        using var client = Build(contents, new OutputGuardOptions());
        Assert.Equal(" 1111 1111 and jane@example.com", (await client.CallAsync(streaming)).Text);
    }

    [Fact]
    public void Filter_NamesOfADictionary_AreFilteredAndStayApart()
    {
        var values = new Dictionary<string, object?> { ["jane@example.com"] = 1, ["joe@example.com"] = "x", ["plain"] = null };
        var shown = Assert.IsType<Dictionary<string, object?>>(_filter.FilterValue(values));

        Assert.Equal(["[EMAIL]", "[EMAIL] (2)", "plain"], shown.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, values.Count);
    }

    [Fact]
    public void Filter_ListsNumbersAndNestedValues_AreFiltered()
    {
        var values = new Dictionary<string, object?>
        {
            ["list"] = new List<string> { "a", "jane@example.com" },
            ["array"] = new object?[] { new Dictionary<string, object?> { ["to"] = "jane@example.com" }, null, 3 },
            ["card"] = long.Parse(Card, global::System.Globalization.CultureInfo.InvariantCulture),
            ["count"] = 12L,
        };
        var json = JsonSerializer.Serialize(_filter.FilterValue(values));

        Assert.Equal("""{"list":["a","[EMAIL]"],"array":[{"to":"[EMAIL]"},null,3],"card":"[CARD]","count":12}""", json);
    }

    [Fact]
    public void Filter_NothingToReplace_IsTheSameInstance()
    {
        var values = new Dictionary<string, object?> { ["list"] = new List<string> { "a" }, ["n"] = 12L, ["inner"] = new Dictionary<string, object?> { ["x"] = 1.5 } };
        Assert.Same(values, _filter.FilterValue(values));
    }

    [Fact]
    public void Filter_NamesInJson_AreFiltered()
    {
        const string Json = """{"jane@example.com": 1, "joe@example.com": {"4111111111111111": true}}""";
        using var document = JsonDocument.Parse(Json);
        Assert.Equal("""{"[EMAIL]": 1, "[EMAIL]": {"[CARD]": true}}""", _filter.FilterJson(Json));
        Assert.DoesNotContain("example.com", Assert.IsType<JsonElement>(_filter.FilterValue(document.RootElement)).GetRawText(), StringComparison.Ordinal);

        // Two names have become one: it can be read all the same.
        var node = Assert.IsType<JsonObject>(_filter.FilterValue(JsonNode.Parse(Json)), exactMatch: false);
        Assert.DoesNotContain("example.com", node.ToJsonString(), StringComparison.Ordinal);
        Assert.NotNull(node["[EMAIL]"]);
    }

    private static IChatClient Build(AIContent[] contents, OutputGuardOptions options) => new StubChatClient(
        _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. contents])) { FinishReason = ChatFinishReason.Stop }),
        _ => new ChatResponseUpdate[] { new(ChatRole.Assistant, [.. contents]), new() { FinishReason = ChatFinishReason.Stop } }.ToAsyncEnumerable()).AsBuilder().UseOutputGuard(options).Build();
}
