namespace AgentHosting.RoutingFit.Tests;

public sealed class CsvTests
{
    [Theory]
    [InlineData("plain,True,False\n", "plain")]
    [InlineData("plain,True,False", "plain")]
    [InlineData("plain,True,False\r\n", "plain")]
    [InlineData("plain,True,False\r", "plain")]
    [InlineData("\n\nplain,True,False\n\n", "plain")]
    [InlineData(",True,False\n", "")]
    [InlineData("\"\",True,False\n", "")]
    [InlineData("\"a, b\",True,False\n", "a, b")]
    [InlineData("\"say \"\"hi\"\"\",True,False\n", "say \"hi\"")]
    [InlineData("\"\"\"\",True,False\n", "\"")]
    [InlineData("\"one\ntwo\",True,False\n", "one\ntwo")]
    [InlineData("\"one\r\n\r\ntwo\",\"True\",\"False\"\r\n", "one\r\n\r\ntwo")]
    [InlineData("\"a\",True,\"False\"", "a")]
    public void Rows_WellFormed_AreRead(string row, string prompt)
    {
        using var checkout = new Checkout().Gsm8k($"{Checkout.Header}\n{row}");
        var sample = Assert.Single(checkout.Files.Gsm8k());

        Assert.Equal((prompt, 1.0, 0.0, "gsm8k"), (sample.Prompt, sample.Weak, sample.Strong, sample.Subject));
    }

    [Fact]
    public void Rows_Several_KeepTheirOrderAndLeaveOutContaminatedOnes()
    {
        using var checkout = new Checkout().Gsm8k(
            $"{Checkout.Header}\r\na,True,0.5\r\n\"b\r\nb\",False,True\r\nc,1,0\r\n", "{\"eval_prompt\":\"b\\r\\nb\"}\n\n");

        Assert.Equal([("a", 1.0, 0.5), ("c", 1.0, 0.0)], checkout.Files.Gsm8k().Select(static sample => (sample.Prompt, sample.Weak, sample.Strong)));
    }

    [Theory]
    [InlineData("a,True,False\n\"b,True,False\nc,True,False\n", 3, "never ends")]
    [InlineData("\"a\nb\"x,True,False\n", 3, "after a closing quote")]
    [InlineData("a \"b\",True,False\n", 2, "quote inside a field")]
    [InlineData("\"a\nb\nc\",True,False\nd,True\n", 5, "has 2 fields, and the first row 3")]
    [InlineData("\"a\r\nb\",True,False\r\nd,e,True,False\r\n", 4, "has 4 fields, and the first row 3")]
    [InlineData("\"a\rb\",True,False\rd,True\r", 4, "has 2 fields")]
    [InlineData("a,True,False\nb,Maybe,False\n", 3, "'Maybe'")]
    public void Rows_Malformed_NameFileAndLine(string rows, int line, string what)
    {
        using var checkout = new Checkout().Gsm8k($"{Checkout.Header}\n{rows}");
        var exception = Assert.Throws<InvalidDataException>(() => checkout.Files.Gsm8k());

        Assert.Contains($"gsm8k_responses.csv, line {line}, ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("prompt,gpt-4-1106-preview\na,True\n")]
    public void Rows_WithoutTheColumns_SaySo(string csv)
    {
        using var checkout = new Checkout().Gsm8k(csv);
        var exception = Assert.Throws<InvalidDataException>(() => checkout.Files.Gsm8k());

        Assert.Contains("gsm8k_responses.csv has no column '", exception.Message, StringComparison.Ordinal);
    }
}
