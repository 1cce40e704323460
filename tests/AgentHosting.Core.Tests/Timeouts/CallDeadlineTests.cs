using AgentHosting.Timeouts;
using AgentHosting.Timeouts.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting.Core.Tests.Timeouts;

/// <summary>A limit that passes at the moment at which its call is done: at every point between the two calls that share a timer, in turn.</summary>
public sealed class CallDeadlineTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly HandTimeProvider _clock = new();

    public static TheoryData<int> Moments => [0, 1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Moments))]
    public void Timer_FiresBetweenTwoSteps_LeavesTheLaterCallAlone(int moment)
    {
        using var deadline = new CallDeadline(_clock);
        using var caller = new CancellationTokenSource();
        var token = CancellationToken.None;
        Action[] steps =
        [
            () => deadline.EndWait(),
            deadline.End,
            () => deadline.Start(Limit, caller.Token),
            () => token = deadline.Token,
            () => deadline.BeginWait(null),
        ];
        deadline.Start(Limit, caller.Token);
        deadline.BeginWait(null);
        var first = deadline.Token;
        _clock.Advance(Limit);

        for (var step = 0; step <= steps.Length; step++)
        {
            if (step == moment)
            {
                _clock.Fire();
            }

            if (step < steps.Length)
            {
                steps[step]();
            }
        }

        // Only while it was waiting had the first call passed its limit.
        Assert.Equal(moment == 0, first.IsCancellationRequested);
        Assert.False(token.IsCancellationRequested);
        Assert.Equal((false, false), (deadline.Passed, deadline.TotalPassed));

        // The later call has its own limit, the whole of it.
        _clock.Advance(Limit - TimeSpan.FromSeconds(1));
        _clock.Fire();
        Assert.False(token.IsCancellationRequested);
        Assert.Equal(TimeSpan.FromSeconds(1), _clock.LastDueTime);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _clock.Fire();
        Assert.Equal((true, true), (token.IsCancellationRequested, deadline.TotalPassed));
    }

    [Fact]
    public async Task Timer_IsAtWorkAsTheCallEndsAndTheNextBegins_LeavesTheLaterCallAlone()
    {
        using var deadline = new CallDeadline(_clock);
        deadline.Start(Limit, CancellationToken.None);
        deadline.BeginWait(null);
        var first = deadline.Token;
        _clock.Advance(Limit);
        Task<CancellationToken>? later = null;
        _clock.AtNextLook = () => later = Task.Run(() =>
        {
            deadline.End();
            deadline.Start(Limit, CancellationToken.None);
            var token = deadline.Token;
            deadline.BeginWait(null);
            return token;
        });
        _clock.Fire();
        var second = await later!.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.True(first.IsCancellationRequested);
        Assert.Equal((false, false, false), (second.IsCancellationRequested, deadline.Passed, deadline.TotalPassed));
    }

    [Fact]
    public async Task Caller_CancelsAsItsCallEnds_LeavesTheLaterCallAlone()
    {
        using var deadline = new CallDeadline(_clock);
        using var caller = new CancellationTokenSource();
        deadline.Start(Limit, caller.Token);
        deadline.End();
        deadline.Start(Limit, CancellationToken.None);
        await caller.CancelAsync();

        Assert.False(deadline.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Call_IsDoneBeforeItIsToldThatItsLimitPassed_IsTheAnswer()
    {
        var context = new ManualSynchronizationContext();
        var answer = new TaskCompletionSource<ChatResponse>();
        using var inner = new StubChatClient(_ => answer.Task);
        using var client = new TimeoutChatClient(inner, new TimeoutOptions { Total = Limit }, _clock, NullLogger.Instance, new TimeoutMetrics(null));
        var call = context.Start(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));

        // The limit passes first, but whoever waits has not come to see it when the answer is there.
        _clock.Advance(Limit);
        _clock.Fire();
        await context.WaitForWorkAsync();
        answer.SetResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "in time")));
        await context.RunUntilAsync(call);

        Assert.Equal("in time", (await call).Text);
    }

    [Fact]
    public async Task Call_IsDoneWhileTheTimerFires_IsTheAnswerAndTheNextCallHasItsWholeLimit()
    {
        var calls = 0;
        CancellationToken second = default;
        using var inner = new StubChatClient(token =>
        {
            if (calls++ == 0)
            {
                _clock.Advance(Limit);
                _clock.Fire();
                Assert.True(token.IsCancellationRequested);
                return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "in time")));
            }

            second = token;
            _clock.Fire();
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "next")));
        });
        using var client = new TimeoutChatClient(inner, new TimeoutOptions { Total = Limit }, _clock, NullLogger.Instance, new TimeoutMetrics(null));

        Assert.Equal("in time", (await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.Equal("next", (await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.False(second.IsCancellationRequested);
    }
}
