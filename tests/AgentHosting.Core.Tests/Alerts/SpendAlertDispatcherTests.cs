using AgentHosting.Alerts;
using AgentHosting.Alerts.Internal;
using AgentHosting.Core.Tests.ResponseCaching;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Core.Tests.Alerts;

public sealed class SpendAlertDispatcherTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Raise_Crossing_IsLoggedCountedAndTold()
    {
        var (first, second) = (new GatedHandler(), new GatedHandler());
        SpendAlert? called = null;
        using var alerts = new AlertsUnderTest([first, second], new SpendAlertsOptions
        {
            OnAlert = (alert, _) =>
            {
                called = alert;
                return ValueTask.CompletedTask;
            },
        });

        alerts.Raise();
        await alerts.StopAsync();

        var alert = Assert.Single(first.Told);
        Assert.Equal(
            (SpendAlertKind.Threshold, "User", "ann 0", "acme", "Cost", 0.8, 5m, 4.1m, "day:UTC"),
            (alert.Kind, alert.Scope.ToString(), alert.ScopeId, alert.TenantId, alert.Unit.ToString(), alert.Ratio, alert.Cap, alert.Spent, alert.Window));
        Assert.Equal(
            "The budget of User 'ann 0' of tenant 'acme' (day:UTC) has reached 80%: 4.1 of 5 of the currency are spent. It resets at 2026-03-11 00:00:00Z.", alert.Message);
        Assert.Same(alert, Assert.Single(second.Told));
        Assert.Same(alert, called);
        var log = Assert.Single(alerts.Logs);
        Assert.Equal((LogLevel.Warning, 2200, alert.Message), (log.Level, log.Id.Id, log.Message));
        var measured = Assert.Single(alerts.Alerts.GetMeasurementSnapshot());
        Assert.Equal(
            ("threshold", "User", 0.8), (measured.Tags["agenthosting.spend.alert.kind"], measured.Tags["agenthosting.spend.scope"], measured.Tags["agenthosting.spend.alert.ratio"]));
    }

    [Fact]
    public async Task Tell_Anomaly_IsToldWithWhatIsUsual()
    {
        var handler = new GatedHandler();
        using var alerts = new AlertsUnderTest([handler]);
        var at = new DateTimeOffset(2026, 3, 10, 12, 20, 0, TimeSpan.Zero);

        alerts.Dispatcher.Tell([], [new SpendAnomaly
        {
            Rule = new SpendAnomalyRule { Scope = SpendScope.User, Period = TimeSpan.FromHours(1), BaselinePeriods = 24, Factor = 4, MinCostNanos = 1 },
            ScopeId = "ann",
            TenantId = "acme",
            SpentNanos = 9_500_000_000,
            UsualNanos = 2_000_000_000,
            ResetsAt = at.AddMinutes(40),
            At = at,
        }]);
        await alerts.StopAsync();

        var alert = Assert.Single(handler.Told);
        Assert.Equal((SpendAlertKind.Anomaly, 4, null, 2m, 9.5m, "period:01:00:00"), (alert.Kind, alert.Ratio, alert.Cap, alert.Usual, alert.Spent, alert.Window));
        Assert.Equal(
            "The spend of User 'ann' of tenant 'acme' is unusually high: 9.5 of the currency in the 01:00:00 that end at 2026-03-10 13:00:00Z, where 2 is usual.", alert.Message);
    }

    [Fact]
    public async Task Raise_RefusedForWhatIsHeld_SaysThatTheRestIsHeld()
    {
        var handler = new GatedHandler();
        using var alerts = new AlertsUnderTest([handler]);

        alerts.Dispatcher.Tell([AlertsUnderTest.Crossing(ratio: 1)], []);
        await alerts.StopAsync();

        Assert.Contains("has reached 100%: 4.1 of 5 of the currency are spent, and requests under way hold the rest.", Assert.Single(handler.Told).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raise_HandlerThrows_IsLoggedAndOthersAreTold()
    {
        var (failing, other) = (new GatedHandler(static (_, _) => throw new InvalidOperationException("broken")), new GatedHandler());
        using var alerts = new AlertsUnderTest([failing, other]);

        alerts.Raise(3);
        await alerts.StopAsync();

        Assert.Equal((3, 3), (failing.Told.Count, other.Told.Count));
        Assert.Equal(["failed", "failed", "failed"], alerts.Reasons);
        Assert.True(alerts.HasLogged(LogLevel.Error, "Handler GatedHandler failed on alert"));
    }

    [Fact]
    public async Task Raise_HandlerHangs_IsLeftAloneAfterItsTimeAndOthersDoNotWait()
    {
        var cancelled = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        var (hanging, other) = (
            new GatedHandler((_, token) =>
            {
                token.Register(cancelled.SetResult);
                return never.Task;
            }),
            new GatedHandler());
        using var alerts = new AlertsUnderTest([hanging, other], new SpendAlertsOptions { HandlerTimeout = TimeSpan.FromSeconds(30) });

        alerts.Raise();
        await hanging.NextAsync();
        await other.NextAsync();
        // The timer starts when the handler has begun, a moment later.
        while (!cancelled.Task.IsCompleted)
        {
            alerts.Clock.Advance(TimeSpan.FromSeconds(31));
            await Task.WhenAny(cancelled.Task, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }

        alerts.Raise();
        await hanging.NextAsync();
        await other.NextAsync();

        Assert.Equal(["timed_out"], alerts.Reasons.Take(1));
        Assert.True(alerts.HasLogged(LogLevel.Error, "within 00:00:30 and is left alone"));
        never.SetResult();
    }

    [Fact]
    public async Task Raise_HandlerBlocksItsThread_DoesNotBlockTheCaller()
    {
        using var gate = new ManualResetEventSlim();
        var (blocking, other) = (
            new GatedHandler((_, _) =>
            {
                gate.Wait(Token);
                return Task.CompletedTask;
            }),
            new GatedHandler());
        using var alerts = new AlertsUnderTest([blocking, other]);

        alerts.Raise(2);
        await blocking.NextAsync();
        await other.NextAsync();
        await other.NextAsync();

        Assert.Single(blocking.Told);
        gate.Set();
        await alerts.StopAsync();
        Assert.Equal(2, blocking.Told.Count);
    }

    [Fact]
    public async Task Raise_MoreThanMayWait_DropsTheOldestAndCountsIt()
    {
        var gate = new TaskCompletionSource();
        var handler = new GatedHandler((_, _) => gate.Task);
        using var alerts = new AlertsUnderTest([], new SpendAlertsOptions { QueueCapacity = 3 });
        var receiver = alerts.Dispatcher.CreateReceiver(handler);
        receiver.Queue.Add(Alert("first"));
        await handler.NextAsync();

        foreach (var id in new[] { "a", "b", "c", "d", "e" })
        {
            receiver.Queue.Add(Alert(id));
        }

        gate.SetResult();
        await alerts.StopAsync();

        Assert.Equal(["first", "c", "d", "e"], handler.Told.Select(static alert => alert.Id));
        Assert.Equal(["dropped", "dropped"], alerts.Reasons);
        Assert.True(alerts.HasLogged(LogLevel.Warning, "Handler GatedHandler is not told of alert a"));
    }

    [Fact]
    public async Task Stop_HandlerHangs_EndsInTimeAndCountsWhatIsLeft()
    {
        var never = new TaskCompletionSource();
        var handler = new GatedHandler((_, _) => never.Task);
        using var alerts = new AlertsUnderTest([handler]);
        alerts.Raise(4);
        await handler.NextAsync();

        var stop = alerts.StopAsync();
        while (!stop.IsCompleted)
        {
            alerts.Clock.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(stop, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }

        await stop;
        Assert.Single(handler.Told);
        alerts.Raise();
        Assert.True(alerts.HasLogged(LogLevel.Warning, "Alerts were still waiting after 00:00:05"));
        Assert.True(alerts.Reasons.Count(static reason => reason is "dropped") >= 4);
        never.SetResult();
    }

    [Fact]
    public async Task Raise_HandlersCannotBeCreated_IsLoggedAndTriedAgain()
    {
        var tries = 0;
        var handler = new GatedHandler();
        using var alerts = new AlertsUnderTest(Handlers());

        alerts.Raise();
        alerts.Raise();
        await alerts.StopAsync();

        Assert.Single(handler.Told);
        Assert.True(alerts.HasLogged(LogLevel.Error, "The handlers of alerts could not be created"));
        Assert.Equal(2, alerts.Alerts.GetMeasurementSnapshot().Count);

        IEnumerable<ISpendAlertHandler> Handlers()
        {
            if (++tries == 1)
            {
                throw new InvalidOperationException("no service");
            }

            yield return handler;
        }
    }

    [Fact]
    public async Task Raise_LogThrows_TheRestIsToldAndTheHostStops()
    {
        var handler = new GatedHandler();
        using var meters = new TestMeterFactory();
        using var dispatcher = new SpendAlertDispatcher(
            () => [handler], new SpendAlertsOptions(), TimeProvider.System, new ThrowingLogger(), new SpendAlertMetrics(meters));

        dispatcher.Tell([.. Enumerable.Range(0, 5).Select(static number => AlertsUnderTest.Crossing(number))], []);
        await dispatcher.StopAsync(Token);

        Assert.Equal(5, handler.Told.Count);
    }

    [Fact]
    public async Task Raise_ManyThreads_EachIsToldOnce()
    {
        var handler = new GatedHandler();
        using var alerts = new AlertsUnderTest([handler], new SpendAlertsOptions { QueueCapacity = 100_000 });

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => alerts.Raise(500), Token)));
        await alerts.StopAsync();

        Assert.Equal((8000, 8000), (handler.Told.Count, handler.Told.Select(static alert => alert.Id).Distinct().Count()));
        Assert.Empty(alerts.Reasons);
    }

    private static SpendAlert Alert(string id) => new()
    {
        Id = id, Kind = SpendAlertKind.Threshold, Scope = SpendScope.Global, ScopeId = "", Unit = SpendUnit.Calls, Ratio = 1, Cap = 1, Spent = 1,
        Window = "total", At = DateTimeOffset.UnixEpoch, Message = id,
    };

    private sealed class ThrowingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new AggregateException("The disk is full.");
    }
}
