namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>A measure of a prompt, cut into bins: bin 0 lies below the first edge.</summary>
/// <param name="name">What it measures.</param>
/// <param name="measure">Takes the measure.</param>
/// <param name="edges">Where the next bin begins, rising.</param>
internal sealed class ComplexityFeature(string name, ComplexityMeasure measure, params float[] edges)
{
    public string Name => name;

    /// <summary>The least by which a weight rises from one bin to the next, where more can only mean harder. Without it the data decides.</summary>
    public double? LeastStep { get; init; }

    public ReadOnlySpan<float> Edges => edges;

    public int Bins => edges.Length + 1;

    public int BinOf(in PromptCounts counts)
    {
        var value = measure(counts);
        var bin = 0;
        while (bin < edges.Length && value >= edges[bin])
        {
            bin++;
        }

        return bin;
    }
}
