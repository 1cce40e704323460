using AgentHosting.Core.Tests.RateLimits;
using AgentHosting.RateLimits;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>Limits of the host on submissions. Nothing executes: the worker is off, so that sessions stay busy.</summary>
public sealed class RunRateLimitTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_PastTheUserLimit_IsRefusedForThatUserAlone()
    {
        await using var host = await StartAsync(user: 2);
        await SubmitAsync(host, "ann");
        await SubmitAsync(host, "ann");

        var exception = await Assert.ThrowsAsync<RateLimitedException>(() => SubmitAsync(host, "ann"));

        Assert.Equal((RateLimitScope.User, "ann", RateLimitUnit.Requests, 2), (exception.Scope, exception.ScopeId, exception.Unit, exception.Limit));
        await SubmitAsync(host, "bob");
        await SubmitAsync(host, "ann", tenant: "other");
        _clock.Advance(exception.RetryAfter!.Value);
        await SubmitAsync(host, "ann");
    }

    [Fact]
    public async Task Submit_RefusedByOneLimit_TakesNothingFromTheOther()
    {
        await using var host = await StartAsync(user: 1, global: 3);
        await SubmitAsync(host, "ann");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(RateLimitScope.User, (await Assert.ThrowsAsync<RateLimitedException>(() => SubmitAsync(host, "ann"))).Scope);
        }

        await SubmitAsync(host, "bob");
        await SubmitAsync(host, "eve");
        Assert.Equal(RateLimitScope.Global, (await Assert.ThrowsAsync<RateLimitedException>(() => SubmitAsync(host, "dan"))).Scope);
        Assert.Equal(3, (await host.Store.GetStatisticsAsync(Token)).Ready);
    }

    [Fact]
    public async Task Submit_RepeatedKey_IsAnsweredBeforeLimitsAreCounted()
    {
        await using var host = await StartAsync(user: 2);
        var first = await SubmitAsync(host, "ann", key: "k");
        for (var i = 0; i < 10; i++)
        {
            var again = await SubmitAsync(host, "ann", key: "k");
            Assert.Equal((first.RunId, true), (again.RunId, again.Replayed));
        }

        await SubmitAsync(host, "ann");
        await Assert.ThrowsAsync<RateLimitedException>(() => SubmitAsync(host, "ann"));
        Assert.True((await SubmitAsync(host, "ann", key: "k")).Replayed);
        await Assert.ThrowsAsync<IdempotencyConflictException>(() => SubmitAsync(host, "ann", key: "k", message: "other"));
    }

    [Fact]
    public async Task Submit_OneKeyFromManyAtOnce_NoneIsRefusedByTheLimitThatTheFirstFilled()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var host = await StartAsync(user: 1);
            var submissions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => SubmitAsync(host, "ann", key: "k"), Token)));

            Assert.Single(submissions.Select(static submission => submission.RunId).Distinct());
            Assert.Single(submissions, static submission => !submission.Replayed);
            await Assert.ThrowsAsync<RateLimitedException>(() => SubmitAsync(host, "ann"));
        }
    }

    [Fact]
    public async Task Submit_StoreDoesNotAccept_GivesBackWhatWasTaken()
    {
        await using var host = await StartAsync(user: 3, maxUnfinished: 2);
        await SubmitAsync(host, "ann", session: "s");
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<SessionBusyException>(() => SubmitAsync(host, "ann", session: "s"));
        }

        var second = await SubmitAsync(host, "ann");
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<RunStoreFullException>(() => SubmitAsync(host, "ann"));
        }

        await host.Client.CancelAsync(second.RunId, Token);
        await SubmitAsync(host, "ann");
        await Assert.ThrowsAsync<RateLimitedException>(() => SubmitAsync(host, "ann"));
    }

    [Theory]
    [InlineData(RateLimiterFailurePolicy.Allow)]
    [InlineData(RateLimiterFailurePolicy.Reject)]
    public async Task Submit_LimiterIsDown_GoesOnOrIsRefusedAsSet(RateLimiterFailurePolicy policy)
    {
        await using var host = await TestHost.StartAsync(
            builder =>
            {
                Configure(builder);
                builder.Services.AddSingleton<IAgentRateLimiter>(new BrokenLimiter());
            },
            ("AgentHosting:RateLimits:UserRequestsPerMinute", "1"),
            ("AgentHosting:RateLimits:LimiterFailure", policy.ToString()),
            ("AgentHosting:Worker:Enabled", "false"));

        if (policy == RateLimiterFailurePolicy.Allow)
        {
            await SubmitAsync(host, "ann");
            await SubmitAsync(host, "ann");
        }
        else
        {
            Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<RateLimiterUnavailableException>(() => SubmitAsync(host, "ann"))).InnerException);
            Assert.Equal(0, (await host.Store.GetStatisticsAsync(Token)).Ready);
        }
    }

    [Fact]
    public async Task Start_WrongLimit_NamesItsKey()
    {
        using var host = TestHost.Build(Configure, ("AgentHosting:RateLimits:UserRequestsPerMinute", "0"));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains("AgentHosting:RateLimits:UserRequestsPerMinute is 0. Use a value between 1 and 1000000000.", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<AgentRunSubmission> SubmitAsync(
        TestHost host, string user, string? key = null, string message = "hi", string? session = null, string? tenant = null) =>
        await host.Client.SubmitAsync(
            new AgentRunRequest
            {
                Message = message,
                Identity = new AgentIdentity { UserId = user, TenantId = tenant },
                IdempotencyKey = key,
                SessionId = session,
                OnBusy = SessionBusyPolicy.Reject,
            },
            Token);

    private Task<TestHost> StartAsync(int? user = null, int? global = null, int maxUnfinished = 1000) => TestHost.StartAsync(
        builder =>
        {
            Configure(builder);
            // Configuration wins over it.
            builder.ConfigureRateLimits(limits => (limits.UserRequestsPerMinute, limits.GlobalRequestsPerMinute) = (user, 1));
            builder.Services.AddSingleton<TimeProvider>(_clock);
        },
        ("AgentHosting:RateLimits:GlobalRequestsPerMinute", $"{global ?? 1_000_000}"),
        ("AgentHosting:Store:MaxUnfinishedRuns", $"{maxUnfinished}"),
        ("AgentHosting:Worker:Enabled", "false"));

    private static void Configure(IAgentHostingBuilder builder) =>
        builder.AddModel("mini", static _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("assistant");
}
