namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>A measure of a prompt, cut into bins: bin 0 lies below the first edge.</summary>
/// <param name="name">What it measures.</param>
/// <param name="trend">1 when more of it can only mean harder, 0 when the data decides.</param>
/// <param name="read">Takes the measure.</param>
/// <param name="edges">Where the next bin begins, rising.</param>
internal sealed class ComplexityFeature(string name, int trend, ComplexityMeasure read, params float[] edges)
{
    public string Name => name;

    public int Trend => trend;

    public ReadOnlySpan<float> Edges => edges;

    public int Bins => edges.Length + 1;

    public int BinOf(in PromptCounts counts)
    {
        var value = read(counts);
        var bin = 0;
        while (bin < edges.Length && value >= edges[bin])
        {
            bin++;
        }

        return bin;
    }
}
