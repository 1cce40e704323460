using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal.Complexity;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class ComplexityClassifierTests
{
    [Theory]
    [InlineData("")]
    [InlineData("   \n ")]
    [InlineData("go on")]
    [InlineData("hi there")]
    [InlineData("Good morning, how are you?")]
    [InlineData("Thank you very much!")]
    [InlineData("!!! ??? ... --- ===")]
    [InlineData("<system-reminder>The user has opened a file with many lines of text.</system-reminder>")]
    public void Classify_PromptThatSaysLittle_HasNoSignal(string prompt)
    {
        var score = ComplexityClassifier.Classify(prompt);

        Assert.False(score.HasSignal);
        Assert.Equal(ComplexityWeights.ShareWithoutSignal, score.Probability);
    }

    [Theory]
    [InlineData("Who wrote Hamlet?")]
    [InlineData("Wer hat den Faust geschrieben?")]
    [InlineData("请解释一下量子纠缠的基本原理和应用")]
    [InlineData("Hello, could you prove that there are infinitely many primes?")]
    public void Classify_Question_HasSignalAndProbability(string prompt)
    {
        var score = ComplexityClassifier.Classify(prompt);

        Assert.True(score.HasSignal);
        Assert.InRange(score.Probability, 0.01, 0.99);
    }

    [Fact]
    public void Classify_HarderLooking_IsMoreProbable() =>
        Assert.True(ComplexityClassifier.Classify(RouterFixture.Hard).Probability > ComplexityClassifier.Classify(RouterFixture.Easy).Probability + 0.1);

    [Fact]
    public void Classify_LongerWithTheSameWords_NeverFalls()
    {
        var last = 0d;
        for (var length = 1; length <= 200; length++)
        {
            var probability = ComplexityClassifier.Classify(string.Concat(Enumerable.Repeat("A prince of Denmark sees the ghost of his father. ", length))).Probability;
            Assert.True(probability >= last, $"{length} sentences: {probability} after {last}");
            last = probability;
        }
    }

    [Theory]
    [InlineData("<system-reminder>If 1 = 2, then prove each step.</system-reminder>\n{0}")]
    [InlineData("{0}\n<environment_details>\nfiles: a.cs b.cs\n</environment_details>")]
    [InlineData("<user_info a=\"b\">x</user_info>{0}<ide_selection>y * z = 3</ide_selection>")]
    public void Classify_HarnessBlocks_AreIgnored(string template) =>
        Assert.Equal(
            ComplexityClassifier.Classify(RouterFixture.Easy).Probability,
            ComplexityClassifier.Classify(template.Replace("{0}", RouterFixture.Easy, StringComparison.Ordinal)).Probability);

    [Fact]
    public void Classify_BlockThatIsNotClosed_ReachesToTheEnd() =>
        Assert.Equal(
            ComplexityClassifier.Classify(RouterFixture.Easy).Probability,
            ComplexityClassifier.Classify(RouterFixture.Easy + "<system-reminder>if if if").Probability);

    [Fact]
    public void Classify_TagsOfTheUser_AreText() =>
        Assert.False(HarnessBlocks.TryFind("Is <div> a block? And </system-reminder>? And <system-reminders>?", out _, out _));

    [Fact]
    public void Count_AnswersToChooseFrom_AreCountedApart()
    {
        var scanner = new PromptScanner();
        scanner.Add("Which of these hold?\nA. 1 only\nB. 2 only\n(C) 1 and 2\nd) none\nAnswer:");

        Assert.Equal(4, scanner.Counts.Choices);
        Assert.Equal(4, scanner.Counts.ChoiceDigits);
        Assert.Equal(0, scanner.Counts.Digits);
        Assert.Equal(8, scanner.Counts.ChoiceWords);
        Assert.Equal(5, scanner.Counts.DistinctChoiceWords);
        Assert.Equal(4, scanner.Counts.Words);
    }

    [Fact]
    public void Count_WordsOfEachKindAndNumbers_AreCounted()
    {
        var scanner = new PromptScanner();
        scanner.Add("If x = 3.5 and y = 1,000, why is \"x * y\" not lower than $3? Explain how it depends on each, since it should increase. ```\n```");

        var counts = scanner.Counts;
        Assert.Equal(3, counts.Numbers);
        Assert.Equal(7, counts.Digits);
        Assert.Equal(2, counts.Sentences);
        Assert.Equal(1, counts.Negations);
        Assert.Equal(2, counts.Conditions);
        Assert.Equal(2, counts.Quantities);
        Assert.Equal(2, counts.Comparisons);
        Assert.Equal(2, counts.Reasons);
        Assert.Equal(1, counts.Tasks);
        Assert.Equal(1, counts.CodeFences);
    }

    [Fact]
    public void Count_TextOfAMegabyte_ReadsItsEnds()
    {
        var scanner = new PromptScanner();
        scanner.Add("if " + new string('x', 1_000_000) + " unless");

        Assert.Equal(2, scanner.Counts.Conditions);
        Assert.InRange(scanner.Counts.Characters, 999_000, 1_001_000);
    }

    [Fact]
    public void Classify_AllocatesNothing()
    {
        // The runtime allocates on this thread too, while it compiles anew: the least of some rounds is ours.
        var least = long.MaxValue;
        for (var round = 0; round < 20 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                ComplexityClassifier.Classify(RouterFixture.Hard);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Classify_RandomText_NeverThrows()
    {
        const int Seed = 20250;
        var random = new Random(Seed);
        const string Alphabet = "aZ9 .,\n()<>=$\\\"`_/é中\ud83d\ude00\0ABd)-|</system-reminder>";
        for (var i = 0; i < 5000; i++)
        {
            var text = new string(random.GetItems<char>(Alphabet, random.Next(200)));
            Assert.True(ComplexityClassifier.Classify(text).Probability is > 0 and < 1, $"seed {Seed}, text {i}: {text}");
        }
    }

    [Fact]
    public void Weights_FitTheFeatures()
    {
        Assert.Equal(ComplexityFeatures.Weights, ComplexityWeights.Values.Length);
        Assert.Equal(21, ComplexityWeights.Quantiles.Length);
        Assert.Equal(ComplexityWeights.Quantiles.ToArray().Order(), ComplexityWeights.Quantiles.ToArray());
        Assert.All(ComplexityFeatures.All, feature => Assert.Equal(feature.Edges.ToArray().Order(), feature.Edges.ToArray()));
    }

    [Fact]
    public void Weights_OfMeasuresThatAnyPromptHas_OnlyRise()
    {
        var offset = 0;
        foreach (var feature in ComplexityFeatures.All)
        {
            var weights = ComplexityWeights.Values.Slice(offset, feature.Bins).ToArray();
            offset += feature.Bins;

            // Only where answers are given to choose from may the data say that more is easier: elsewhere that did not carry over.
            Assert.True(feature.LeastStep > 0 || feature.Name.StartsWith("choice ", StringComparison.Ordinal), feature.Name);
            Assert.True(feature.LeastStep is null || weights.SequenceEqual(weights.Distinct().Order()), feature.Name);
        }
    }
}
