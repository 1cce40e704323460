using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentHosting.Alerts;
using AgentHosting.AspNetCore.Alerts;
using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using AgentHosting.TokenBudgets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace AgentHosting.AspNetCore.Tests.Alerts;

public sealed class SpendAlertWebhookTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Handle_Accepted_IsOneSignedRequest()
    {
        await using var receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Statuses(204));
        using var host = Build(receiver.Url);

        await HandleAsync(host);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal(("0198", "application/json", true), (request.Id, request.ContentType, request.IsVerified));
        var body = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal(("spend_alert.threshold", "2026-03-10T12:00:00+00:00"), (body.GetProperty("type").GetString(), body.GetProperty("timestamp").GetString()));
        Assert.Equal(
            """{"id":"0198","kind":"threshold","scope":"user","scope_id":"Zoë","tenant_id":"acme","unit":"cost","ratio":0.8,"cap":5,"spent":4.1,"window":"day:UTC","resets_at":"2026-03-11T00:00:00+00:00","message":"all of it"}""",
            body.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Handle_FailsTwice_IsRetriedUnderTheSameId()
    {
        await using var receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Statuses(503, 429, 200));
        using var host = Build(receiver.Url);

        await HandleAsync(host);

        Assert.Equal(3, receiver.Requests.Count);
        Assert.All(receiver.Requests, static request => Assert.Equal(("0198", true), (request.Id, request.IsVerified)));
    }

    [Fact]
    public async Task Handle_FailsForEver_GivesUpNamingTheHostAlone()
    {
        await using var receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Statuses(500));
        using var host = Build(receiver.Url, ("MaxRetries", "2"));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => HandleAsync(host));

        Assert.Equal("The webhook on 127.0.0.1 answered 500 to an alert.", exception.Message);
        Assert.Equal(3, receiver.Requests.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(410)]
    public async Task Handle_RefusedForGood_IsNotRetried(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Statuses(status));
        using var host = Build(receiver.Url);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => HandleAsync(host));

        Assert.Equal(status, (int?)exception.StatusCode);
        Assert.Single(receiver.Requests);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Handle_Redirect_IsNotFollowed(int status)
    {
        await using var other = await WebhookReceiver.StartAsync(WebhookReceiver.Statuses(200));
        await using var receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = other.Url.ToString();
            return Task.CompletedTask;
        });
        using var host = Build(receiver.Url);

        await Assert.ThrowsAsync<HttpRequestException>(() => HandleAsync(host));

        Assert.Single(receiver.Requests);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Handle_ReceiverHangs_IsCutAndRetried()
    {
        await using var receiver = await WebhookReceiver.StartAsync(async (context, number) =>
        {
            if (number == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            }
        });
        using var host = Build(receiver.Url, ("AttemptTimeout", "00:00:05"));

        await HandleAsync(host);

        Assert.True(receiver.Requests.Count >= 2);
    }

    [Fact]
    public async Task Handle_NobodyListens_IsRetriedAndFails()
    {
        Uri url;
        await using (var receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Statuses(200)))
        {
            url = receiver.Url;
        }

        using var host = Build(url, ("MaxRetries", "1"));

        await Assert.ThrowsAsync<HttpRequestException>(() => HandleAsync(host));
    }

    [Theory]
    [InlineData("0", 0, 20)]
    [InlineData("1", 0.9, 20)]
    [InlineData("86400", 1.9, 20)]
    [InlineData("date", 1.9, 20)]
    public async Task Handle_RetryAfter_IsObeyedUpToTheLongestDelay(string header, double least, double most)
    {
        await using var receiver = await WebhookReceiver.StartAsync((context, number) =>
        {
            context.Response.StatusCode = number == 1 ? 429 : 200;
            context.Response.Headers.RetryAfter = header == "date" ? TimeProvider.System.GetUtcNow().AddHours(1).ToString("R", CultureInfo.InvariantCulture) : header;
            return Task.CompletedTask;
        });
        using var host = Build(receiver.Url, ("MaxDelay", "00:00:02"));
        var start = TimeProvider.System.GetTimestamp();

        await HandleAsync(host);

        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, least, most);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task Handle_Cancelled_EndsAtOnce()
    {
        await using var receiver = await WebhookReceiver.StartAsync(static (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        using var host = Build(receiver.Url);
        using var cancellation = new CancellationTokenSource();

        var handling = Handler(host).HandleAsync(Alert(), cancellation.Token).AsTask();
        await receiver.NextAsync();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handling);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task Call_ReceiverHangs_IsNotHeldUpAndTheSecretIsNotLogged()
    {
        var logs = new FakeLogCollector();
        await using var receiver = await WebhookReceiver.StartAsync(static (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        using var host = Build(receiver.Url, logs, ("AgentHosting:AlertWebhook:AttemptTimeout", "00:00:05"), ("AgentHosting:AlertWebhook:MaxRetries", "0"));
        await host.StartAsync(Token);
        using var client = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(1, 1)).AsBuilder()
            .UseTokenBudget(new TokenBudgetOptions { Limits = { new TokenBudgetLimit { MaxCalls = 1 } } }).Build(host.Services);

        Assert.Equal("x", (await client.GetResponseAsync("hi", cancellationToken: Token)).Text);

        while (!logs.GetSnapshot().Any(static log => log.Message.Contains("Handler SpendAlertWebhook failed", StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }

        await host.StopAsync(Token);
        Assert.True(receiver.Requests.All(static request => request.IsVerified));
        var text = string.Join('\n', logs.GetSnapshot().Select(static log => $"{log.Message} {log.Exception} {string.Join(' ', log.StructuredState ?? [])}"));
        Assert.Contains("has reached 100%", text, StringComparison.Ordinal);
        Assert.DoesNotContain(WebhookReceiver.Secret["whsec_".Length..], text, StringComparison.Ordinal);
        Assert.DoesNotContain("in-the-address", text, StringComparison.Ordinal);
        Assert.DoesNotContain(receiver.Url.AbsolutePath, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Url", null, "is not set")]
    [InlineData("Url", "http://example.com/hook", "is no https address")]
    [InlineData("Url", "ftp://localhost/hook", "is no https address")]
    [InlineData("Url", "/hook", "is no https address")]
    [InlineData("Url", "https://ann:hidden@example.com", "holds a user name or password")]
    [InlineData("Secret", null, "is not set")]
    [InlineData("Secret", "hidden", "is no signing secret")]
    [InlineData("Secret", "whsec_aGlkZGVu", "is no signing secret")]
    [InlineData("MaxRetries", "21", "is 21. Use a value between 0 and 20.")]
    [InlineData("AttemptTimeout", "30", "A number alone means days")]
    [InlineData("BaseDelay", "00:00:00", "Use a time from 10 milliseconds")]
    [InlineData("MaxDelay", "2", "A number alone means days")]
    [InlineData("Uri", "https://example.com", "'Uri'")]
    public async Task Start_SettingIsWrong_NamesItsKeyAndHidesSecrets(string key, string? value, string what)
    {
        using var host = Build(new Uri("https://example.com/hook"), (key, value));

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(Token));

        Assert.Contains(key == "Uri" ? "AgentHosting:AlertWebhook cannot be read." : $"AgentHosting:AlertWebhook:{key} ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("aGlkZGVu", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Url", "https://example.com:99999/hidden")]
    [InlineData("MaxRetries", "hidden")]
    public async Task Start_SettingCannotBeRead_NamesItAndHidesItsValue(string key, string value)
    {
        using var host = Build(new Uri("https://example.com/hook"), (key, value));

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(Token));

        Assert.Contains($"AgentHosting:AlertWebhook:{key} cannot be read", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", exception.ToString(), StringComparison.Ordinal);
    }

    // A span is exported as a log is, and holds the path of the address.
    [Fact]
    public async Task Handle_TracesAreTaken_DoNotHoldTheAddress()
    {
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("System.Net.Http", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => spans.Enqueue(string.Join(' ', activity.TagObjects)),
        };
        ActivitySource.AddActivityListener(listener);
        await using var receiver = await WebhookReceiver.StartAsync(WebhookReceiver.Statuses(204));
        using var host = Build(receiver.Url);

        await HandleAsync(host);

        Assert.DoesNotContain(spans, span => span.Contains($"{receiver.Url.Port}{receiver.Url.AbsolutePath}", StringComparison.Ordinal));
    }

    [Fact]
    public void Sign_ExampleOfTheSpecification_IsItsSignature()
    {
        var signer = WebhookSigner.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")!;

        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            signer.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));
    }

    private static ISpendAlertHandler Handler(IHost host) => Assert.Single(host.Services.GetServices<ISpendAlertHandler>());

    private static Task HandleAsync(IHost host) => Handler(host).HandleAsync(Alert(), Token).AsTask();

    private static SpendAlert Alert() => new()
    {
        Id = "0198",
        Kind = SpendAlertKind.Threshold,
        Scope = SpendScope.User,
        ScopeId = "Zoë",
        TenantId = "acme",
        Unit = SpendUnit.Cost,
        Ratio = 0.8,
        Cap = 5,
        Spent = 4.1m,
        Window = "day:UTC",
        ResetsAt = new DateTimeOffset(2026, 3, 11, 0, 0, 0, TimeSpan.Zero),
        At = new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero),
        Message = "all of it",
    };

    private static IHost Build(Uri url, params (string Key, string? Value)[] settings) =>
        Build(url, new FakeLogCollector(), [.. settings.Select(static setting => ($"AgentHosting:AlertWebhook:{setting.Key}", setting.Value))]);

    private static IHost Build(Uri url, FakeLogCollector logs, params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("AgentHosting:AlertWebhook:BaseDelay", "00:00:00.010"),
            new("AgentHosting:AlertWebhook:Url", url.ToString()),
        ]);
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(logs));
        builder.Services.AddAgentHosting()
            .AddModel("mini", static _ => new ScriptedChatClient(ScriptedTurn.Text("x")))
            .AddAgent("assistant")
            .AddSpendAlertWebhook(static webhook => webhook.Secret = WebhookReceiver.Secret)
            .AddSpendAlertWebhook();
        return builder.Build();
    }
}
