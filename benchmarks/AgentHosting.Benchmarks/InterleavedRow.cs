namespace AgentHosting.Benchmarks;

/// <summary>One row that is timed in turns with others: with which parameters, what it calls, and what a call took in each round.</summary>
internal sealed record InterleavedRow(string Parameters, string Name, bool IsBaseline, Func<Task> Call, List<double> Times);
