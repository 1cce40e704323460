using AgentHosting.Alerts;
using AgentHosting.Core.Tests.TokenBudgets;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Alerts;

/// <summary>From a call to whoever is told.</summary>
public sealed class SpendAlertsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_PipelineWithoutServices_TellsTheCallback(bool streaming)
    {
        var handler = new GatedHandler();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(2, 55)) { Repeat = true };
        using var client = model.AsBuilder().UseTokenBudget(Options(handler)).Build();

        await client.CallAsync(streaming);
        await client.CallAsync(streaming);
        await handler.NextAsync();

        var alert = Assert.Single(handler.Told);
        Assert.Equal((0.5, 400m, 224m, SpendScope.Global), (alert.Ratio, alert.Cap, alert.Spent, alert.Scope));
        await client.CallAsync(streaming);
        await handler.NextAsync();
        Assert.Equal([0.5, 0.8], handler.Told.Select(static one => one.Ratio));
    }

    [Fact]
    public async Task Call_FarAboveTheUsual_TellsTheCallback()
    {
        var (handler, clock) = (new GatedHandler(), new FakeTimeProvider(new DateTimeOffset(2026, 3, 10, 12, 20, 0, TimeSpan.Zero)));
        var options = new TokenBudgetOptions
        {
            PriceOf = static _ => new ModelPrice { Input = 1_000_000, Output = 1_000_000 },
            OnAlert = (alert, token) => handler.HandleAsync(alert, token),
            Anomalies = { new TokenBudgetAnomaly { BaselinePeriods = 4, Factor = 3 } },
        };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(2, 8)) { Repeat = true };
        using var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).BuildServiceProvider();
        using var client = model.AsBuilder().UseTokenBudget(options).Build(services);
        for (var hour = 0; hour < 4; hour++)
        {
            await client.CallAsync(streaming: false);
            clock.Advance(TimeSpan.FromHours(1));
        }

        for (var call = 0; call < 6; call++)
        {
            await client.CallAsync(streaming: false);
        }

        await handler.NextAsync();
        var alert = Assert.Single(handler.Told);
        Assert.Equal((SpendAlertKind.Anomaly, 40m, 10m), (alert.Kind, alert.Spent, alert.Usual));
    }

    [Fact]
    public async Task Call_Refused_TellsTheCallbackOnce()
    {
        var handler = new GatedHandler();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(2, 195)) { Repeat = true };
        using var client = model.AsBuilder().UseTokenBudget(Options(handler)).Build();
        await client.CallAsync(streaming: false);

        await Assert.ThrowsAsync<BudgetExceededException>(() => client.CallAsync(streaming: false));
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.CallAsync(streaming: false));
        await handler.NextAsync();
        await handler.NextAsync();
        await handler.NextAsync();

        Assert.Equal([0.5, 0.8, 1], handler.Told.Select(static one => one.Ratio));
    }

    [Fact]
    public async Task Call_InAHost_TellsHandlersCallbackAndTheOptionsOfTheBudget()
    {
        var (own, options) = (new GatedHandler(), new GatedHandler());
        var budget = Options(own);
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(2, 105)) { Repeat = true };
        IServiceProvider services;
        await using (var host = await TestHost.StartAsync(builder => builder
            .AddModel("m", _ => model).AddAgent("a")
            .AddSpendAlertHandler<CountingHandler>().AddSpendAlertHandler<CountingHandler>()
            .AddSpendAlerts(alerts => alerts.OnAlert = options.HandleAsync)))
        {
            services = host.Services;
            var counting = (CountingHandler)Assert.Single(services.GetServices<ISpendAlertHandler>());
            using var client = model.AsBuilder().UseTokenBudget(budget).Build(services);
            await client.CallAsync(streaming: false);
            await host.StopAsync();

            Assert.Equal((1, 1, 1), (counting.Count, options.Told.Count, own.Told.Count));
            Assert.Same(own.Told.Single(), options.Told.Single());
        }
    }

    [Fact]
    public async Task Sweep_ReservationOfADeadProcess_TellsHandlers()
    {
        var handler = new GatedHandler();
        await using var host = await TestHost.StartAsync(
            builder => builder.AddModel("m", static _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("a").AddSpendAlerts(alerts => alerts.OnAlert = handler.HandleAsync),
            ("AgentHosting:SpendLedger:SweepInterval", "00:00:00.020"));
        await host.Services.GetRequiredService<ISpendLedger>().ReserveAsync(
            new SpendReservation
            {
                Id = "dead",
                Account = new SpendAccount(),
                Limits = [new SpendLimit { Scope = SpendScope.Global, MaxCalls = 2, AlertRatios = [0.5] }],
                InputTokens = 1,
                MaxOutputTokens = 1,
                Lease = TimeSpan.FromMilliseconds(1),
            },
            Token);

        await handler.NextAsync();

        Assert.Equal((SpendUnit.Calls, 1m, 2m), (handler.Told.Single().Unit, handler.Told.Single().Spent, handler.Told.Single().Cap));
    }

    [Theory]
    [InlineData("QueueCapacity", "0", "Use a value between 1 and 1000000.")]
    [InlineData("HandlerTimeout", "00:00:00", "Use a time above 0")]
    [InlineData("HandlerTimeout", "30", "A number alone means days")]
    [InlineData("ShutdownTimeout", "-00:00:01", "Use a time from 0")]
    public async Task Start_SettingOutOfBounds_NamesKeyAndFix(string key, string value, string fix)
    {
        using var host = TestHost.Build(
            static hosting => hosting.AddModel("m", static _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("a"), ($"AgentHosting:SpendAlerts:{key}", value));
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains($"AgentHosting:SpendAlerts:{key} is ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(fix, exception.Message, StringComparison.Ordinal);
    }

    private static TokenBudgetOptions Options(GatedHandler handler) => new()
    {
        DefaultMaxOutputTokens = 95,
        MinOutputTokens = 10,
        PriceOf = static _ => BudgetUnderTest.Price,
        Limits = { new TokenBudgetLimit { MaxCost = 400 } },
        OnAlert = handler.HandleAsync,
    };

    private sealed class CountingHandler : ISpendAlertHandler
    {
        private int _count;

        public int Count => _count;

        public ValueTask HandleAsync(SpendAlert alert, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return ValueTask.CompletedTask;
        }
    }
}
