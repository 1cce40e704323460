using System.Text.Json;
using AgentHosting.Load.Guards;

namespace AgentHosting.Core.Tests.Guardrails;

public sealed class OutputGuardPropertyTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_126;

    [Fact]
    public void Whole_PlantedValues_LeakNothing()
    {
        var guarded = new Guarded();
        var texts = GuardCorpus.Planted(Seed, 620);
        var leaks = texts.Where(text => guarded.Whole(text.Text).Contains(text.Value, StringComparison.Ordinal)
            || !guarded.Whole(text.Text).Contains($"[{text.Kind}]", StringComparison.Ordinal)).Select(text => $"{text.Kind}: {text.Text} => {guarded.Whole(text.Text)}");

        Assert.Empty(leaks);
    }

    [Fact]
    public void Stream_EveryCutInTwo_ShowsOnlyPrefixesOfTheWhole()
    {
        var guarded = new Guarded();
        foreach (var text in GuardCorpus.Planted(Seed, 310))
        {
            var whole = guarded.Whole(text.Text);
            for (var cut = 0; cut <= text.Text.Length; cut++)
            {
                Check(guarded, text.Text, whole, [cut]);
            }
        }
    }

    [Fact]
    public void Stream_TenThousandRandomCuts_ShowOnlyPrefixesOfTheWhole()
    {
        var guarded = new Guarded();
        var random = new Random(Seed);
        var texts = GuardCorpus.Planted(Seed + 1, 400);
        for (var i = 0; i < 10_000; i++)
        {
            // Two in a row, so that what one leaves behind meets the next.
            var text = texts[random.Next(texts.Count)].Text + " " + texts[random.Next(texts.Count)].Text;
            var count = random.Next(1, Math.Min(text.Length, 60));
            Check(guarded, text, guarded.Whole(text), Enumerable.Range(0, count).Select(_ => random.Next(text.Length + 1)).Order());
        }
    }

    [Fact]
    public void Stream_OneCharacterAtATime_ShowsOnlyPrefixesOfTheWhole()
    {
        var guarded = new Guarded();
        foreach (var text in GuardCorpus.Planted(Seed + 2, 310))
        {
            Check(guarded, text.Text, guarded.Whole(text.Text), Enumerable.Range(1, text.Text.Length - 1));
        }
    }

    [Fact]
    public void Stream_RandomTriggers_ShowOnlyPrefixesOfTheWhole()
    {
        const string Alphabet = "0123456789@+(:=-_KIJGQ. aAeyzs~/\"';\\n";
        var guarded = new Guarded();
        var random = new Random(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(5, 200)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            Check(guarded, text, guarded.Whole(text), Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(text.Length + 1)).Order());
        }
    }

    [Fact]
    public void Json_PlantedValuesEscapedAtRandom_StaysJsonAndLeaksNothing()
    {
        var guarded = new Guarded();
        var random = new Random(Seed);
        foreach (var text in GuardCorpus.Planted(Seed + 3, 310))
        {
            var escaped = string.Concat(text.Value.Select(value => value is '\n' or '"' or '\\' || random.Next(4) == 0 ? $"\\u{(int)value:x4}" : value.ToString()));
            var json = $"{{\"a\": \"see {escaped} now\", \"n\": 12, \"b\": [\"{escaped}\"], \"quoted\": \"say \\\"{escaped}\\\" twice\"}}";
            var whole = guarded.Whole(json, isJson: true);
            using var document = JsonDocument.Parse(whole);
            Assert.Equal($"see [{text.Kind}] now", document.RootElement.GetProperty("a").GetString());
            Assert.Equal($"[{text.Kind}]", document.RootElement.GetProperty("b")[0].GetString());
            Assert.Equal($"say \"[{text.Kind}]\" twice", document.RootElement.GetProperty("quoted").GetString());
            Check(guarded, json, whole, Enumerable.Range(0, 12).Select(_ => random.Next(json.Length + 1)).Order(), isJson: true);
            Check(guarded, json, whole, Enumerable.Range(1, json.Length - 1), isJson: true);
        }
    }

    [Theory]
    [InlineData("{\"card\": 4111111111111111, \"n\": 1}", "{\"card\": \"[CARD]\", \"n\": 1}")]
    [InlineData("[-4111111111111111]", "[\"[CARD]\"]")]
    [InlineData("{\"password\": \"Tr0ub4dor\\\"rest\"}", "{\"password\": \"[PASSWORD]\\\"rest\"}")]
    public void Json_NumbersAndQuotes_StayJson(string json, string expected)
    {
        var guarded = new Guarded();
        Assert.Equal(expected, guarded.Whole(json, isJson: true));
        Check(guarded, json, expected, Enumerable.Range(1, json.Length - 1), isJson: true);
        JsonDocument.Parse(expected).Dispose();
    }

    [Fact]
    public void Whole_OrdinarySentences_ArePassedOnButForFew()
    {
        var guarded = new Guarded();
        var sentences = GuardCorpus.Ordinary(Seed, 5_000);
        var wrong = sentences.Where(sentence => guarded.Whole(sentence) != sentence).ToList();
        output.WriteLine($"{wrong.Count} of {sentences.Count} sentences");
        foreach (var sentence in wrong)
        {
            output.WriteLine($"{sentence} => {guarded.Whole(sentence)}");
        }

        Assert.True(wrong.Count < sentences.Count * 0.005, string.Join("\n", wrong.Take(40).Select(sentence => $"{sentence} => {guarded.Whole(sentence)}")));
    }

    [Theory]
    [InlineData("1-")]
    [InlineData("1.1.1.1.")]
    [InlineData("@")]
    [InlineData("a@a.")]
    [InlineData("eyJ-")]
    [InlineData("eyJaaaaaaaaaa.")]
    [InlineData("sk-")]
    [InlineData("key=")]
    [InlineData("password=a")]
    [InlineData("://a:")]
    [InlineData("(((1")]
    [InlineData("a:")]
    [InlineData("::1")]
    [InlineData("-----BEGIN PRIVATE KEY-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----:\n")]
    [InlineData("DE89 ")]
    [InlineData("+1 (2")]
    [InlineData("x.y-z_")]
    [InlineData("\\")]
    [InlineData("\\u00")]
    [InlineData("\u200b")]
    [InlineData("1\u200b")]
    [InlineData("1\u2013")]
    [InlineData("a%40")]
    [InlineData("password=\"a;")]
    public void Whole_PathologicalText_TakesLinearTime(string unit)
    {
        const int Length = 100_000;
        const int Attempts = 5;
        var guarded = new Guarded();
        var (once, four, attempt) = (0.0, 0.0, 0);
        do
        {
            (once, four) = (Milliseconds(guarded, unit, Length), Milliseconds(guarded, unit, 4 * Length));
            output.WriteLine($"{unit.Trim()}: {once:0.00} ms, four times as long {four:0.00} ms");
        }
        while (four > 8 * once && ++attempt < Attempts);

        // Quadratic time grows by 16, linear by 4; the bound on its height is some hundred times what it takes.
        Assert.True(four <= 8 * once, $"Four times the text took {four / once:0.0} times as long.");
        Assert.True(four < 4 * Length * 0.01, $"It took {four} ms.");
    }

    // The least of some runs, in time of this thread: what else the machine does counts for little.
    private static double Milliseconds(Guarded guarded, string unit, int length)
    {
        var text = string.Concat(Enumerable.Repeat(unit, length / unit.Length));
        var least = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var started = ThreadClock.Now;
            guarded.Whole(text);
            least = Math.Min(least, (ThreadClock.Now - started).TotalMilliseconds);
        }

        return least;
    }

    private static void Check(Guarded guarded, string text, string whole, IEnumerable<int> cuts, bool isJson = false)
    {
        var places = cuts.ToArray();
        var seen = guarded.Stream(text, places, isJson);
        var isRight = seen[^1] == whole && seen.TrueForAll(shown => whole.StartsWith(shown, StringComparison.Ordinal));
        if (!isRight)
        {
            Assert.Fail($"seed {Seed}, cuts {string.Join(",", places)}\ntext:  {text}\nwhole: {whole}\nseen:  {string.Join("\n       ", seen.Distinct())}");
        }
    }
}
