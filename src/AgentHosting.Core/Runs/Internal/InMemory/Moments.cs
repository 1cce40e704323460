namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Arithmetic on points in time.</summary>
internal static class Moments
{
    // A span without end, such as TimeSpan.MaxValue, must not break a transition halfway.
    /// <summary>The sum, or the end of time where there is no such date.</summary>
    public static DateTimeOffset After(this DateTimeOffset moment, TimeSpan span) =>
        moment == DateTimeOffset.MaxValue || span > DateTimeOffset.MaxValue - moment ? DateTimeOffset.MaxValue : moment + span;
}
