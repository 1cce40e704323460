namespace AgentHosting.ModelRouting;

/// <summary>What the complexity classifier says about a prompt.</summary>
public readonly struct ComplexityScore
{
    /// <summary>The probability that a weak model fails where a strong one does not, from 0 to 1, as seen on the data the weights were fitted to.</summary>
    /// <value>The share in that data when the prompt has no signal.</value>
    public double Probability { get; init; }

    /// <summary>Whether the prompt says enough to judge it. Empty prompts, greetings and very short ones do not.</summary>
    public bool HasSignal { get; init; }
}
