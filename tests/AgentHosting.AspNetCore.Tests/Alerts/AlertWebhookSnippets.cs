using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentHosting.Alerts;
using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.Alerts;

/// <summary>The code that docs/middleware/alerts.md shows, run as a test.</summary>
public sealed class AlertWebhookSnippets
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Webhook_ReceiverOfTheDocumentation_AcceptsItAndNothingElse()
    {
        var secret = WebhookReceiver.Secret;
        var received = new List<string>();
        var receiverBuilder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        receiverBuilder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        receiverBuilder.Services.AddRoutingCore();
        await using var receiver = receiverBuilder.Build();
        MapReceiver(receiver, secret, received);
        await receiver.StartAsync(Token);
        var url = new Uri(receiver.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/alerts");

        var right = Handler(secret, url);
        var wrong = Handler($"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}", url);

        await right.HandleAsync(Alert(), Token);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => wrong.HandleAsync(Alert(), Token).AsTask());
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, exception.StatusCode);
        Assert.Contains("\"ratio\":0.8", Assert.Single(received), StringComparison.Ordinal);
        using var client = new HttpClient();
        foreach (var (timestamp, signature) in new[] { ("1614265330", "v1,x"), ("soon", "v1,x"), (long.MinValue.ToString(CultureInfo.InvariantCulture), "v1,x"), ("", "") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent("{}") };
            request.Headers.Add("webhook-id", "1");
            request.Headers.Add("webhook-timestamp", timestamp);
            request.Headers.Add("webhook-signature", signature);
            using var response = await client.SendAsync(request, Token);
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    private static ISpendAlertHandler Handler(string secret, Uri url)
    {
        var services = new ServiceCollection();
        #region alert-webhook
        services.AddAgentHosting()
            .AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("Hello")))
            .AddSpendAlertWebhook(webhook =>
            {
                webhook.Url = url;
                webhook.Secret = secret;
            });
        #endregion
        return services.BuildServiceProvider().GetServices<ISpendAlertHandler>().Single();
    }

    private static void MapReceiver(WebApplication app, string secret, List<string> received)
    {
        #region alert-webhook-receiver
        app.MapPost("/alerts", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            var body = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
            var (id, timestamp) = (request.Headers["webhook-id"].ToString(), request.Headers["webhook-timestamp"].ToString());
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            if (!long.TryParse(timestamp, CultureInfo.InvariantCulture, out var seconds) || seconds < now - 300 || seconds > now + 300)
            {
                return Results.StatusCode(StatusCodes.Status401Unauthorized);
            }

            var key = Convert.FromBase64String(secret["whsec_".Length..]);
            var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
            var isSigned = request.Headers["webhook-signature"].ToString().Split(' ').Any(signature =>
                CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(expected)));
            if (!isSigned)
            {
                return Results.StatusCode(StatusCodes.Status401Unauthorized);
            }

            // The same id may come twice: keep the ids of the last minutes.
            received.Add(body);
            return Results.NoContent();
        });
        #endregion
    }

    private static SpendAlert Alert() => new()
    {
        Id = "0198",
        Kind = SpendAlertKind.Threshold,
        Scope = SpendScope.Global,
        ScopeId = "",
        Unit = SpendUnit.Cost,
        Ratio = 0.8,
        Cap = 5,
        Spent = 4.1m,
        Window = "day:UTC",
        At = TimeProvider.System.GetUtcNow(),
        Message = "all of it",
    };
}
