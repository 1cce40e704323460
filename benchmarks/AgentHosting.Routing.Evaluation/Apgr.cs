namespace AgentHosting.Routing.Evaluation;

/// <summary>
/// Average performance gap recovered: the area under (accuracy - weak) / (strong - weak) against the share of strong calls,
/// when prompts go to the strong model in the order of falling scores. Random order has 0.5.
/// </summary>
public sealed class Apgr
{
    private const int Resamples = 1000;

    /// <summary>The area.</summary>
    public required double Value { get; init; }

    /// <summary>The lower end of the 95 % bootstrap interval.</summary>
    public required double Low { get; init; }

    /// <summary>The upper end of the 95 % bootstrap interval.</summary>
    public required double High { get; init; }

    /// <summary>Ranks samples by their scores and measures the area.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="scores">One score each; ties are broken at random.</param>
    /// <param name="seed">The seed of ties and resamples.</param>
    /// <returns>The area and its interval over resampled prompts.</returns>
    public static Apgr Of(IReadOnlyList<RoutingSample> samples, ReadOnlySpan<double> scores, int seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var gains = GainsInOrder(samples, scores, seed);
        var counts = new int[gains.Length];
        Array.Fill(counts, 1);
        var value = AreaOf(gains, counts);
        var random = new Random(seed);
        var areas = new double[Resamples];
        for (var i = 0; i < areas.Length; i++)
        {
            Array.Clear(counts);
            for (var k = 0; k < counts.Length; k++)
            {
                counts[random.Next(counts.Length)]++;
            }

            areas[i] = AreaOf(gains, counts);
        }

        Array.Sort(areas);
        return new Apgr { Value = value, Low = areas[Resamples * 25 / 1000], High = areas[(Resamples * 975 / 1000) - 1] };
    }

    /// <summary>The area alone.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="scores">One score each; ties are broken at random.</param>
    /// <param name="seed">The seed of ties.</param>
    /// <returns>The area.</returns>
    public static double AreaOf(IReadOnlyList<RoutingSample> samples, ReadOnlySpan<double> scores, int seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var counts = new int[samples.Count];
        Array.Fill(counts, 1);
        return AreaOf(GainsInOrder(samples, scores, seed), counts);
    }

    private static double[] GainsInOrder(IReadOnlyList<RoutingSample> samples, ReadOnlySpan<double> scores, int seed)
    {
        var random = new Random(seed);
        var order = new (double Score, double Tie, double Gain)[samples.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = (-scores[i], random.NextDouble(), samples[i].Gain);
        }

        Array.Sort(order);
        return Array.ConvertAll(order, entry => entry.Gain);
    }

    // The gap cancels out of numerator and denominator: what is left is the mean share of the total gain.
    private static double AreaOf(double[] gains, int[] counts)
    {
        double area = 0;
        double gained = 0;
        long rows = 0;
        for (var i = 0; i < gains.Length; i++)
        {
            for (var k = 0; k < counts[i]; k++)
            {
                area += gained + (gains[i] / 2d);
                gained += gains[i];
                rows++;
            }
        }

        return area / (gained * rows);
    }
}
