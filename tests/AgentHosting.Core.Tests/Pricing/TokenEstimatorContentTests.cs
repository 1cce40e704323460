using System.Text;
using System.Text.Json;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pricing;

public sealed class TokenEstimatorContentTests
{
    private static readonly string Long = string.Concat(Enumerable.Repeat("some text of a file; ", 4000));

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/csv")]
    [InlineData("application/json")]
    [InlineData("application/ld+json")]
    public void CountInput_AttachedText_CountsItsText(string mediaType) => Assert.Equal(
        Count(new TextContent(Long)), Count(new DataContent(Encoding.UTF8.GetBytes(Long), mediaType)));

    [Fact]
    public void CountInput_AttachedPicture_CountsTheFlatAmount() =>
        Assert.Equal(4000, Count(new DataContent(new byte[100], "image/png")) - Count(new TextContent("")));

    [Fact]
    public void CountInput_ResultIsAnObject_CountsItsJson()
    {
        var rows = Enumerable.Range(0, 500).Select(static i => new Dictionary<string, int> { ["number"] = i }).ToArray();
        // As the adapters write it.
        var json = JsonSerializer.Serialize(rows, AIJsonUtilities.DefaultOptions);

        Assert.InRange(Count(new FunctionResultContent("1", rows)), Count(new TextContent(json)), Count(new TextContent(json)) * 1.1);
        Assert.InRange(Count(new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["rows"] = rows })), Count(new TextContent(json)), Count(new TextContent(json)) * 1.1);
    }

    [Fact]
    public void CountInput_ResultCannotBeWritten_IsTakenForLong()
    {
        var cycle = new List<object>();
        cycle.Add(cycle);

        Assert.True(Count(new FunctionResultContent("1", cycle)) >= 4000);
    }

    [Fact]
    public void CountInput_ResultIsContent_CountsIt()
    {
        Assert.InRange(Count(new FunctionResultContent("1", new TextContent(Long))), Count(new TextContent(Long)), Count(new TextContent(Long)) + 20);
        Assert.InRange(Count(new FunctionResultContent("1", new AIContent[] { new TextContent(Long), new DataContent(new byte[9], "image/png") })), Count(new TextContent(Long)) + 4000, Count(new TextContent(Long)) + 4020);
    }

    private static long Count(AIContent content) => TokenEstimator.Instance.CountInput([new ChatMessage(ChatRole.Tool, [content])], null);
}
