using AgentHosting.Routing.Evaluation;

namespace AgentHosting.RoutingFit.Tests;

public sealed class JsonLinesTests
{
    private const string Good = """{"p":"a\nb, \"c\"","d":"math","weak":0.25,"strong":1}""";

    [Fact]
    public void Samples_WellFormed_AreReadAndWrittenBack()
    {
        using var checkout = new Checkout();
        var path = checkout.Samples($"\n{Good}\r\n\n{Good}");
        var samples = RoutingData.Read(path);
        RoutingData.Write(path, samples);

        foreach (var sample in (RoutingSample[])[.. samples, .. RoutingData.Read(path)])
        {
            Assert.Equal(("a\nb, \"c\"", "math", 0.25, 1.0), (sample.Prompt, sample.Subject, sample.Weak, sample.Strong));
        }

        Assert.Equal(2, samples.Count);
    }

    [Theory]
    [InlineData("""{"p":"a","d":"math","weak":0.25,""", "is no JSON")]
    [InlineData("garbage", "is no JSON")]
    [InlineData("""{"p":"a","d":"math","weak":0.25}""", "lacks a field or has one of the wrong kind")]
    [InlineData("""{"p":"a","d":"math","weak":"0.25","strong":1}""", "lacks a field or has one of the wrong kind")]
    [InlineData("""{"p":1,"d":"math","weak":0.25,"strong":1}""", "lacks a field or has one of the wrong kind")]
    [InlineData("""{"p":null,"d":"math","weak":0.25,"strong":1}""", "lacks a field or has one of the wrong kind")]
    [InlineData("[1]", "lacks a field or has one of the wrong kind")]
    public void Samples_Malformed_NameFileAndLine(string line, string what)
    {
        using var checkout = new Checkout();
        var path = checkout.Samples($"{Good}\n\n{line}\n{Good}\n");
        var exception = Assert.Throws<InvalidDataException>(() => RoutingData.Read(path));

        Assert.StartsWith($"{path}, line 3, {what}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_None_SaysWhatTheFileIsToHold()
    {
        using var checkout = new Checkout();
        var exception = Assert.Throws<InvalidDataException>(() => RoutingData.Read(checkout.Samples("\n")));

        Assert.Contains("p, d, weak and strong", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Contaminated_Malformed_NamesFileAndLine()
    {
        using var checkout = new Checkout().Gsm8k($"{Checkout.Header}\na,True,False\n", "{\"eval_prompt\":\"x\"}\n{\"prompt\":\"y\"}\n");
        var exception = Assert.Throws<InvalidDataException>(() => checkout.Files.Gsm8k());

        Assert.Contains("contaminated_prompts.jsonl, line 2, lacks a field", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MtBench_Turns_AreScoredByTheirMean()
    {
        const string Question = """{"question_id":81,"category":"writing","turns":["one","two"]}""";
        const string Weak = """{"question_id":81,"model":"mistralai/Mixtral-8x7B-Instruct-v0.1","score":SCORE}""";
        const string Strong = """{"question_id":81,"model":"gpt-4-1106-preview","score":SCORE}""";
        string[] judgements = [Weak.Replace("SCORE", "4", StringComparison.Ordinal), Weak.Replace("SCORE", "6", StringComparison.Ordinal), Strong.Replace("SCORE", "9", StringComparison.Ordinal)];
        using var checkout = new Checkout().MtBench(Question, string.Join('\n', judgements));
        var sample = Assert.Single(checkout.Files.MtBench());

        Assert.Equal(("one", "mt-bench/writing", 0.5, 0.9), (sample.Prompt, sample.Subject, sample.Weak, sample.Strong));
    }
}
