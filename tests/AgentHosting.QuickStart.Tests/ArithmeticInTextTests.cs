using QuickStart.Models;
using Xunit;

namespace AgentHosting.QuickStart.Tests;

public class ArithmeticInTextTests
{
    [Theory]
    [InlineData("What is 17*231+5?", "17 * 231 + 5")]
    [InlineData("calculate (2+3)*4.", "( 2 + 3 ) * 4")]
    [InlineData("How much is 3 times 49.90 plus 9?", "3 * 49.90 + 9")]
    [InlineData("15% of 240", "15 / 100 * 240")]
    [InlineData("20 percent of the 1,500", "20 / 100 * 1500")]
    [InlineData("12 squared", "12 ^ 2")]
    [InlineData("2**10", "2 ^ 10")]
    [InlineData("3x4", "3 * 4")]
    [InlineData("10-3", "10 - 3")]
    [InlineData("what's 10-3 please", "10 - 3")]
    [InlineData("what is -5 + 3", "- 5 + 3")]
    [InlineData("The fee (2 * 3) is low", "( 2 * 3 )")]
    [InlineData("2 + * 3", "2 + * 3")]
    [InlineData("1.5e3*2", "1.5e3 * 2")]
    public void Find_MessageWithSum_GivesTheSum(string message, string expected) => Assert.Equal(expected, ArithmeticInText.Find(message)?.Expression);

    [Theory]
    [InlineData("What does NV-104 mean?")]
    [InlineData("Is support open 24/7?")]
    [InlineData("I bought it on 2026-11-05")]
    [InlineData("What is due on 2026-11-05?")]
    [InlineData("Call +49 30 555 0142")]
    [InlineData("Is delivery within 3 - 5 days?")]
    [InlineData("Who won the 1998 world cup?")]
    [InlineData("Does it hold 8TB or 24 TB?")]
    [InlineData("version 1.2.3")]
    [InlineData("")]
    public void Find_MessageWithoutSum_IsNull(string message) => Assert.Null(ArithmeticInText.Find(message));
}
