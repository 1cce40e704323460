using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentHosting.Alerts;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace AgentHosting.AspNetCore.Alerts;

/// <summary>Posts alerts, signed, until the receiver takes them or it is hopeless.</summary>
internal sealed class SpendAlertWebhook : ISpendAlertHandler
{
    public const string ClientName = "AgentHosting.AlertWebhook";

    private readonly IHttpClientFactory _clients;
    private readonly TimeProvider _timeProvider;
    private readonly AlertWebhookOptions _options;
    private readonly WebhookSigner _signer;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    public SpendAlertWebhook(IHttpClientFactory clients, IOptions<AlertWebhookOptions> options, TimeProvider timeProvider)
    {
        _clients = clients;
        _timeProvider = timeProvider;
        _options = options.Value;
        _signer = WebhookSigner.TryParse(_options.Secret!)!;
        _pipeline = BuildPipeline();
    }

    public async ValueTask HandleAsync(SpendAlert alert, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(AlertWebhookBody.From(alert), AlertWebhookJsonContext.Wire.AlertWebhookBody);
        using var client = _clients.CreateClient(ClientName);
        using var response = await _pipeline.ExecuteAsync(
            async token =>
            {
                using var request = Sign(alert.Id, body);
                return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            },
            cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            // The host alone: a path or query may give access.
            throw new HttpRequestException($"The webhook on {_options.Url!.Host} answered {(int)response.StatusCode} to an alert.", null, response.StatusCode);
        }
    }

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { } response } => response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500,
        _ => false,
    };

    // The time of the attempt is signed, so that the receiver can tell a request of now from one that was recorded.
    private HttpRequestMessage Sign(string id, byte[] body)
    {
        var timestamp = _timeProvider.GetUtcNow().ToUnixTimeSeconds();
        return new HttpRequestMessage(HttpMethod.Post, _options.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers =
            {
                { "webhook-id", id },
                { "webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture) },
                { "webhook-signature", _signer.Sign(id, timestamp, body) },
            },
        };
    }

    private ResiliencePipeline<HttpResponseMessage> BuildPipeline()
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _timeProvider };
        if (_options.MaxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = _options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = _options.BaseDelay,
                MaxDelay = _options.MaxDelay,
                ShouldHandle = static arguments => ValueTask.FromResult(IsTransient(arguments.Outcome)),
                DelayGenerator = arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Result)),
            });
        }

        return builder.AddTimeout(_options.AttemptTimeout).Build();
    }

    private TimeSpan? RetryAfter(HttpResponseMessage? response)
    {
        var header = response?.Headers.RetryAfter;
        var wait = header?.Delta ?? header?.Date - _timeProvider.GetUtcNow();
        return wait is null ? null : TimeSpan.FromTicks(Math.Clamp(wait.Value.Ticks, 0, _options.MaxDelay.Ticks));
    }
}
