using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentHosting.AspNetCore.Tests.Alerts;

/// <summary>A receiver on a real Kestrel that verifies each request and answers what the test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<string> _received = Channel.CreateUnbounded<string>();

    private WebhookReceiver(WebApplication app) => _app = app;

    public static byte[] Key { get; } = RandomNumberGenerator.GetBytes(32);

    public static string Secret { get; } = $"whsec_{Convert.ToBase64String(Key)}";

    public ConcurrentQueue<(string Id, string Body, string? ContentType, bool IsVerified)> Requests { get; } = new();

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/hook?token=in-the-address");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="answer">Answers the request of a number, counted from 1.</param>
    public static async Task<WebhookReceiver> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        var number = 0;
        app.Run(async context =>
        {
            await receiver.ReadAsync(context);
            await answer(context, Interlocked.Increment(ref number));
        });
        await app.StartAsync(Token);
        return receiver;
    }

    public static Func<HttpContext, int, Task> Statuses(params int[] statuses) => (context, number) =>
    {
        context.Response.StatusCode = statuses[Math.Min(number, statuses.Length) - 1];
        return Task.CompletedTask;
    };

    /// <summary>Ends when one more request has come.</summary>
    public async Task NextAsync() => await _received.Reader.ReadAsync(Token);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReadAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var headers = context.Request.Headers;
        var signed = Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}");
        var expected = $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Key, signed))}";
        var age = DateTimeOffset.FromUnixTimeSeconds(long.Parse(headers["webhook-timestamp"]!, CultureInfo.InvariantCulture)) - TimeProvider.System.GetUtcNow();
        Requests.Enqueue((headers["webhook-id"]!, body, context.Request.ContentType, headers["webhook-signature"] == expected && age.Duration() < TimeSpan.FromMinutes(5)));
        _received.Writer.TryWrite(body);
    }
}
