using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

public sealed class RunDrainTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(60, false)]
    public void HasTimeForRound_AfterTime_WhileTheLongestModelAndToolCallFitWithAQuarterOnTop(int seconds, bool expected)
    {
        var time = new FakeTimeProvider();
        var drain = new RunDrain(time);
        drain.Note(Step(RunStepKind.Model, 3));
        drain.Note(Step(RunStepKind.Model, 2));
        drain.Note(Step(RunStepKind.Tool, 1));
        drain.Note(Step(RunStepKind.Code, 100));
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(drain.HasTimeForRound);

        drain.Begin(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, drain.HasTimeForRound);
    }

    private static RunStep Step(RunStepKind kind, int seconds) => new() { Key = "1", Kind = kind, Name = "step", Attempt = 1, Duration = TimeSpan.FromSeconds(seconds) };
}
