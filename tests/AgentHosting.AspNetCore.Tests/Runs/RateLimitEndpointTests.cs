using System.Globalization;
using System.Net;
using AgentHosting.RateLimits;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.AspNetCore.Tests.Runs;

/// <summary>Limits of the host over HTTP. Its clock stands still but for what a test lets pass.</summary>
public sealed class RateLimitEndpointTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/agent/run")]
    [InlineData("/agent/stream")]
    public async Task Submit_PastTheUserLimit_Is429WithARetryAfterThatSucceeds(string path)
    {
        await using var app = await StartAsync(user: 2);
        await app.SubmitAsync("""{"message":"Hi","user_id":"ann"}""");
        _clock.Advance(TimeSpan.FromSeconds(20.4));
        await app.SubmitAsync("""{"message":"Hi","user_id":"ann"}""");

        using var refused = await app.PostAsync(path, """{"message":"Hi","user_id":"ann"}""");

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, refused);
        Assert.StartsWith("This host accepts 2 requests of a user in any minute.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var seconds = int.Parse(Assert.Single(refused.Headers.GetValues("Retry-After")), CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 40, 42);
        await app.SubmitAsync("""{"message":"Hi","user_id":"bob"}""");
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await app.SubmitAsync("""{"message":"Hi","user_id":"ann"}""");
        using var again = await app.PostAsync(path, """{"message":"Hi","user_id":"ann"}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, again.StatusCode);
    }

    [Fact]
    public async Task Submit_PastTheGlobalLimit_Is429ForEverybodyAndStoresNothing()
    {
        await using var app = await StartAsync(user: 5, global: 3);
        for (var i = 0; i < 3; i++)
        {
            await app.SubmitAsync($$"""{"message":"Hi","user_id":"u{{i}}"}""");
        }

        for (var i = 0; i < 5; i++)
        {
            using var refused = await app.PostAsync("/agent/run", $$"""{"message":"Hi","user_id":"u{{i}}"}""");
            await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, refused);
        }

        Assert.Equal(3, (await app.App.Services.GetRequiredService<IRunStore>().GetStatisticsAsync(Token)).Ready);
    }

    [Fact]
    public async Task Submit_RepeatedKeyPastTheLimit_IsAnsweredAsTheFirst()
    {
        await using var app = await StartAsync(user: 1);
        var first = await app.SubmitAsync("""{"message":"Hi"}""", ("Idempotency-Key", "k"));

        using var again = await app.PostAsync("/agent/run", """{"message":"Hi"}""", ("Idempotency-Key", "k"));
        using var other = await app.PostAsync("/agent/run", """{"message":"Hi"}""", ("Idempotency-Key", "l"));

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(first, (await TestApp.ReadAsync(again)).GetProperty("task_id").GetString());
        await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, other);
    }

    [Fact]
    public async Task Submit_InvalidRequests_TakeNothing()
    {
        await using var app = await StartAsync(user: 1);
        for (var i = 0; i < 5; i++)
        {
            using var invalid = await app.PostAsync("/agent/run", """{"message":""}""");
            Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
        }

        await app.SubmitAsync("""{"message":"Hi"}""");
    }

    [Fact]
    public async Task Submit_ManyAtOnce_AcceptsExactlyTheLimit()
    {
        await using var app = await StartAsync(user: 20, global: 1000);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 80).Select(async _ =>
        {
            using var response = await app.PostAsync("/agent/run", """{"message":"Hi","user_id":"ann"}""");
            return response.StatusCode;
        }));

        Assert.Equal(
            (20, 60), (statuses.Count(static status => status == HttpStatusCode.Accepted), statuses.Count(static status => status == HttpStatusCode.TooManyRequests)));
    }

    [Fact]
    public async Task Submit_LimiterIsDown_Is503AndStoresNothing()
    {
        await using var app = await StartAsync(user: 1, limiter: new DownLimiter());

        using var refused = await app.PostAsync("/agent/run", """{"message":"Hi"}""");

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, refused);
        Assert.StartsWith("The rate limit could not be checked", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await app.App.Services.GetRequiredService<IRunStore>().GetStatisticsAsync(Token)).Ready);
    }

    private Task<TestApp> StartAsync(int user, int? global = null, IAgentRateLimiter? limiter = null) => TestApp.StartAsync(services: services =>
    {
        services.AddSingleton<TimeProvider>(_clock);
        if (limiter is not null)
        {
            services.AddSingleton(limiter);
        }

        services.AddAgentHosting()
            .ConfigureWorker(static worker => worker.Enabled = false)
            .ConfigureRateLimits(limits => (limits.UserRequestsPerMinute, limits.GlobalRequestsPerMinute, limits.LimiterFailure) = (user, global, RateLimiterFailurePolicy.Reject));
    });

    private sealed class DownLimiter : IAgentRateLimiter
    {
        public ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken = default) => throw new TimeoutException("store");

        public ValueTask<bool> CorrectAsync(RateLimitDecision decision, string key, long actual, CancellationToken cancellationToken = default) => throw new TimeoutException("store");
    }
}
