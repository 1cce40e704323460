using AgentHosting.ModelRouting.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class TokenEstimateTests
{
    [Theory]
    [InlineData(null, 14)]
    [InlineData("twenty characters ..", 19)]
    public void Of_ArgumentOfACall_CountsItsNameAndItsValue(string? value, long expected)
    {
        var call = new FunctionCallContent("1", "f", new Dictionary<string, object?> { [new string('n', 40)] = value });

        Assert.Equal(expected, TokenEstimate.Of([new ChatMessage(ChatRole.Assistant, [call])], null));
    }
}
