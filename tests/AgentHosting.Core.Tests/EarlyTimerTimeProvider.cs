using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests;

/// <summary>A clock whose timers end one tick of a coarse clock early, as those of operating systems may.</summary>
internal sealed class EarlyTimerTimeProvider : FakeTimeProvider
{
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(16);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > Early ? dueTime - Early : dueTime, period);
}
