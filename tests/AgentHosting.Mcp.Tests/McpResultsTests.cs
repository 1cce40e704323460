using System.Text.Json;
using AgentHosting.Mcp.Internal;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Tests;

public sealed class McpResultsTests
{
    private static readonly McpServerOptions Options = new() { MaxResultCharacters = 100, MaxAttachmentBytes = 10 };

    [Fact]
    public void Map_SeveralTexts_AreOneText() => Assert.Equal("a\nb", Map(Text("a"), Text("b")));

    [Fact]
    public void Map_Nothing_IsEmptyText() => Assert.Equal("", Map());

    [Fact]
    public void Map_Structured_IsJsonWithoutTheTextThatRepeatsIt()
    {
        var result = McpResults.Map(new CallToolResult { Content = [Text("""{"a":1}""")], StructuredContent = Json("""{"a":1}""") }, Options);

        Assert.Equal("""{"a":1}""", Assert.IsType<JsonElement>(result).GetRawText());
    }

    [Fact]
    public void Map_StructuredTooLarge_IsCutTextWithANote()
    {
        var result = McpResults.Map(new CallToolResult { Content = [], StructuredContent = Json($$"""{"a":"{{new string('x', 200)}}"}""") }, Options);

        Assert.Contains("108 more characters were cut off", Assert.IsType<string>(result), StringComparison.Ordinal);
    }

    [Fact]
    public void Map_TextAndImage_AreContentsWithoutTheProtocolsObjects()
    {
        var contents = Assert.IsType<List<AIContent>>(Map(Text("see"), ImageContentBlock.FromBytes(new byte[] { 1, 2, 3 }, "image/png")));

        Assert.Equal("see", Assert.IsType<TextContent>(contents[0]).Text);
        var image = Assert.IsType<DataContent>(contents[1]);
        Assert.Equal(("image/png", 3), (image.MediaType, image.Data.Length));
        Assert.All(contents, content => Assert.Null(content.RawRepresentation));
    }

    [Fact]
    public void Map_ImageTooLarge_IsANote() => Assert.Contains(
        "1 attachments with 11 bytes were left out", Assert.IsType<string>(Map(ImageContentBlock.FromBytes(new byte[11], "image/png"))), StringComparison.Ordinal);

    [Fact]
    public void Map_ManyImages_AreBoundedTogether()
    {
        var contents = Assert.IsType<List<AIContent>>(Map([.. Enumerable.Range(0, 100).Select(_ => ImageContentBlock.FromBytes(new byte[4], "image/png"))]));

        Assert.Equal(2, contents.OfType<DataContent>().Count());
        Assert.Contains("98 attachments", contents.OfType<TextContent>().Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_ManyEmptyAttachments_AreBounded()
    {
        var contents = Assert.IsType<List<AIContent>>(Map([.. Enumerable.Range(0, 10_000).Select(_ => ImageContentBlock.FromBytes(ReadOnlyMemory<byte>.Empty, "image/png"))]));

        Assert.InRange(contents.Count, 2, 100);
        Assert.Contains("were left out", contents.OfType<TextContent>().Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_ManyEmptyTexts_AreBounded()
    {
        var text = Assert.IsType<string>(Map([Text("a"), .. Enumerable.Range(0, 10_000).Select(_ => Text(""))]));

        Assert.InRange(text.Length, 1, 200);
    }

    [Fact]
    public void Map_TextCutOffAndAnImageLeftOut_SaysBoth()
    {
        var text = Assert.IsType<string>(Map(Text(new string('x', 300)), ImageContentBlock.FromBytes(new byte[11], "image/png")));

        Assert.Contains("200 more characters were cut off", text, StringComparison.Ordinal);
        Assert.Contains("were left out", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_StructuredBesideAnImageWithoutText_IsNotLost()
    {
        var result = McpResults.Map(
            new CallToolResult { Content = [ImageContentBlock.FromBytes(new byte[3], "image/png")], StructuredContent = Json("""{"a":1}""") }, Options);

        Assert.Equal("""{"a":1}""", Assert.IsType<List<AIContent>>(result).OfType<TextContent>().Single().Text);
    }

    [Fact]
    public void Map_Links_AreTextAndNotFollowed() => Assert.Equal(
        "Resource notes: file:///etc/passwd", Map(new ResourceLinkBlock { Name = "notes", Uri = "file:///etc/passwd" }));

    [Fact]
    public void Map_EmbeddedText_IsItsText() => Assert.Equal(
        "inside", Map(new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "a://b", Text = "inside" } }));

    [Fact]
    public void Map_Error_SaysSo()
    {
        Assert.Equal("Error: no such ticket", McpResults.Map(new CallToolResult { IsError = true, Content = [Text("no such ticket")] }, Options));
        Assert.StartsWith("Error: the tool failed", Assert.IsType<string>(McpResults.Map(new CallToolResult { IsError = true, Content = [] }, Options)), StringComparison.Ordinal);
    }

    [Fact]
    public void Map_CutInsideAPair_KeepsThePairWhole()
    {
        var result = Assert.IsType<string>(Map(Text(new string('x', 99) + "\U0001F600 and more")));

        Assert.StartsWith(new string('x', 99) + "\n[", result, StringComparison.Ordinal);
        Assert.DoesNotContain(result, static c => char.IsSurrogate(c));
    }

    private static object? Map(params ContentBlock[] content) => McpResults.Map(new CallToolResult { Content = content }, Options);

    private static TextContentBlock Text(string text) => new() { Text = text };

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}
