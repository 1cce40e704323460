using AgentHosting.ModelRouting;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class ComplexityCalibratorTests
{
    private static readonly string[] Prompts =
        [.. Enumerable.Range(1, 60).Select(length => string.Concat(Enumerable.Repeat("If each x is 3, then y is not 4. ", length)))];

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void ForStrongShare_SendsAboutThatShare(double share)
    {
        var threshold = ComplexityCalibrator.ForStrongShare(share, [.. Prompts, "hi", ""]);

        // Prompts of the same bins come in one piece: a step of the ranking is at most this large here.
        Assert.InRange(ShareAbove(threshold), share - 0.001, share + 0.4);
        Assert.True(share > 0 || ShareAbove(threshold) == 0);
    }

    [Fact]
    public void ForStrongShare_LargerShare_LowerThreshold()
    {
        var thresholds = new[] { 0, .1, .3, .6, .9, 1 }.Select(share => ComplexityCalibrator.ForStrongShare(share, Prompts)).ToArray();

        Assert.Equal(thresholds.OrderDescending(), thresholds);
    }

    [Fact]
    public void ForQuality_GainAmongTheHardest_NeedsOnlyThem()
    {
        var ranked = Prompts.OrderByDescending(prompt => ComplexityClassifier.Classify(prompt).Probability).ToArray();
        var samples = ranked.Select((prompt, rank) => new ComplexitySample { Prompt = prompt, WeakQuality = rank < 10 ? 0 : 1, StrongQuality = 1 }).ToArray();

        var threshold = ComplexityCalibrator.ForQuality(1, samples);

        var strong = samples.Where(sample => ComplexityClassifier.Classify(sample.Prompt).Probability >= threshold).ToArray();
        Assert.Equal(10, strong.Sum(sample => sample.StrongQuality - sample.WeakQuality));
        Assert.True(strong.Length < samples.Length, $"{strong.Length} of {samples.Length}");
    }

    [Fact]
    public void ForQuality_NothingAsked_SendsNothing() =>
        Assert.Equal(1, ComplexityCalibrator.ForQuality(0, [new ComplexitySample { Prompt = Prompts[0], WeakQuality = 0, StrongQuality = 1 }]));

    [Fact]
    public void Calibrate_UnusableInput_SaysWhy()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ComplexityCalibrator.ForStrongShare(1.1, Prompts));
        Assert.Throws<ArgumentOutOfRangeException>(() => ComplexityCalibrator.ForQuality(double.NaN, []));
        Assert.Contains("Give prompts", Assert.Throws<ArgumentException>(() => ComplexityCalibrator.ForStrongShare(0.5, ["hi"])).Message, StringComparison.Ordinal);
        var same = new ComplexitySample { Prompt = Prompts[0], WeakQuality = 1, StrongQuality = 1 };
        Assert.Contains("no quality to gain", Assert.Throws<ArgumentException>(() => ComplexityCalibrator.ForQuality(0.5, [same])).Message, StringComparison.Ordinal);
    }

    private static double ShareAbove(double threshold) =>
        Prompts.Count(prompt => ComplexityClassifier.Classify(prompt).Probability >= threshold) / (double)Prompts.Length;
}
