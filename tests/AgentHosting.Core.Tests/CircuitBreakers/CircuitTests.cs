using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;

namespace AgentHosting.Core.Tests.CircuitBreakers;

/// <summary>A caller reads the clock before it gets the lock: the one that read first may come second.</summary>
public sealed class CircuitTests
{
    private static readonly CircuitSettings Settings = new()
    {
        FailureRatio = 0.5,
        MinimumCalls = 4,
        Window = TimeSpan.FromSeconds(10),
        OpenDuration = TimeSpan.FromSeconds(2),
        MaxOpenDuration = TimeSpan.FromSeconds(5),
        SuccessesToClose = 2,
        ProbeLease = TimeSpan.FromSeconds(4),
    };

    private readonly Circuit _circuit = new("model", generation: 1);
    private long _generations = 1;

    [Fact]
    public void Report_ReadTheClockBeforeTheOneAheadOfIt_ForgetsNoFailure()
    {
        Fail(at: 5000);
        Fail(at: 5000);

        Fail(at: 4999);

        Assert.Equal(3, _circuit.Status(Settings, Ticks(5000)).Failures);
        Assert.Equal(CircuitTransition.Opened, Fail(at: 5000));
    }

    [Fact]
    public void Status_ReadTheClockBeforeTheOneAheadOfIt_ForgetsNoFailure()
    {
        Fail(at: 5000);

        Assert.Equal(1, _circuit.Status(Settings, Ticks(4999)).Failures);
    }

    [Theory]
    [InlineData(0.55, 11, 20)]
    [InlineData(0.07, 7, 100)]
    [InlineData(0.29, 29, 100)]
    public void Report_ExactlyTheRatio_Opens(double ratio, int failures, int calls)
    {
        var settings = new CircuitSettings
        {
            FailureRatio = ratio,
            MinimumCalls = calls,
            Window = Settings.Window,
            OpenDuration = Settings.OpenDuration,
            MaxOpenDuration = Settings.MaxOpenDuration,
            SuccessesToClose = 1,
            ProbeLease = Settings.ProbeLease,
        };
        var last = CircuitTransition.None;
        for (var i = 0; i < calls; i++)
        {
            Assert.Equal(CircuitTransition.None, last);
            var permit = _circuit.TryAcquire(settings, 0, ref _generations).Permit;
            last = _circuit.Report(permit, settings, i < calls - failures ? CircuitOutcome.Success : CircuitOutcome.Failure, 0, 0, ref _generations).Transition;
        }

        Assert.Equal(CircuitTransition.Opened, last);
    }

    private CircuitTransition Fail(long at)
    {
        var permit = _circuit.TryAcquire(Settings, Ticks(at), ref _generations).Permit;
        return _circuit.Report(permit, Settings, CircuitOutcome.Failure, 0, Ticks(at), ref _generations).Transition;
    }

    private static long Ticks(long milliseconds) => milliseconds * TimeSpan.TicksPerMillisecond;
}
