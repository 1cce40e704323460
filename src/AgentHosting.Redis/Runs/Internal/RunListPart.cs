using AgentHosting.Runs;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>What one partition has to give to a page.</summary>
/// <param name="Runs">Its runs, the latest first, with their numbers.</param>
/// <param name="Next">The number to go on before when all of them are taken.</param>
internal sealed record RunListPart(IReadOnlyList<(AgentRun Run, long Number)> Runs, long Next)
{
    /// <summary>Before the latest run.</summary>
    public const long Top = long.MaxValue;

    /// <summary>After the first run that there ever was. Numbers begin at 1.</summary>
    public const long End = 1;

    /// <summary>The place to go on from when so many of the runs are taken. What is accepted meanwhile is above it.</summary>
    public long After(int taken) => taken == Runs.Count ? Next : taken == 0 ? Runs[0].Number + 1 : Runs[taken - 1].Number;
}
