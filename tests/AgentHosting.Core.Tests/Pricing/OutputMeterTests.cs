using AgentHosting.Core.Tests.TokenBudgets;
using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pricing;

public sealed class OutputMeterTests
{
    private const string Text =
        """{"id":"4f1a-77","tags":["α","news"],"n":12345,"ok":true,"body":"Grüße, und Привет!"} public static int Sum(IReadOnlyList<int> xs) => xs.Sum(x => x * 2); ……""";

    [Fact]
    public void Add_EstimatedTextInAnyPieces_CountsAsTheWhole()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            var meter = new OutputMeter(TokenEstimator.Instance);
            foreach (var piece in Pieces(Text, random, 8))
            {
                meter.Add([new TextContent(piece)]);
            }

            Assert.True(TokenEstimator.Instance.CountOutput(Text) == meter.Tokens, $"seed {seed}: {meter.Tokens}");
        }
    }

    [Fact]
    public void Add_CounterThatRoundsUp_DoesNotRoundEachPiece()
    {
        var text = string.Concat(Enumerable.Repeat("four word text that goes on, and so on and on ", 100));
        var counter = new QuarterCounter();
        var meter = new OutputMeter(counter);

        foreach (var letter in text)
        {
            meter.Add([new TextContent(letter.ToString())]);
        }

        // Letter by letter it would be four times as much.
        Assert.InRange(meter.Tokens, counter.CountOutput(text), counter.CountOutput(text) * 1.02);
    }

    [Fact]
    public void Add_TextReasoningAndCalls_AreAllCounted()
    {
        var meter = new OutputMeter(new LengthCounter());

        meter.Add([new TextReasoningContent("abc"), new TextContent("de"), new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["x"] = 12 })]);
        meter.Add([new TextContent(new string('y', 2_000)), new TextContent(null)]);

        Assert.Equal(3 + 2 + 1 + 1 + 2 + 2_000, meter.Tokens);
    }

    private static IEnumerable<string> Pieces(string text, Random random, int longest)
    {
        for (var from = 0; from < text.Length;)
        {
            var length = Math.Min(text.Length - from, random.Next(1, longest + 1));
            yield return text.Substring(from, length);
            from += length;
        }
    }
}
