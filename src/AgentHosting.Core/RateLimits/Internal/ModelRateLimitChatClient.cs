using System.Runtime.CompilerServices;
using AgentHosting.Pricing;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.RateLimits.Internal;

/// <summary>Takes a request and the tokens it may use from the limits of its model before it is sent, and corrects the tokens by what was used, however it ends.</summary>
internal sealed partial class ModelRateLimitChatClient : StageChatClient
{
    private readonly ModelRateLimitOptions _options;
    private readonly IAgentRateLimiter _limiter;
    private readonly ITokenCounter _counter;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RateLimitMetrics _metrics;
    private readonly WaitingLines _lines = new();

    public ModelRateLimitChatClient(
        IChatClient innerClient, ModelRateLimitOptions options, IAgentRateLimiter limiter, ITokenCounter counter, TimeProvider timeProvider, ILogger logger, RateLimitMetrics metrics)
        : base(innerClient, PipelineStage.ModelRateLimit)
    {
        _options = options;
        _limiter = limiter;
        _counter = counter;
        _timeProvider = timeProvider;
        _logger = logger;
        _metrics = metrics;
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        if (await AdmitAsync(list, options, cancellationToken) is not { } call)
        {
            return await InnerClient.GetResponseAsync(list, options, cancellationToken);
        }

        ChatResponse response;
        try
        {
            response = await InnerClient.GetResponseAsync(list, options, cancellationToken);
        }
        catch (Exception exception)
        {
            await EndAsync(call, exception);
            throw;
        }

        await EndAsync(call, response: response);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = await AdmitAsync(list, options, cancellationToken);
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        Exception? error = null;
        try
        {
            while (true)
            {
                try
                {
                    updates ??= InnerClient.GetStreamingResponseAsync(list, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    if (!await updates.MoveNextAsync())
                    {
                        call?.Complete();
                        break;
                    }
                }
                catch (Exception exception)
                {
                    error = exception;
                    throw;
                }

                call?.Add(updates.Current);
                yield return updates.Current;
            }
        }
        finally
        {
            try
            {
                if (updates is not null)
                {
                    await updates.DisposeAsync();
                }
            }
            finally
            {
                if (call is not null)
                {
                    await EndAsync(call, error);
                }
            }
        }
    }

    /// <summary>A refusal below sent nothing, so nothing counts; whatever else happened, the request counts and the tokens that it used.</summary>
    private async ValueTask EndAsync(ModelRateLimitCall call, Exception? error = null, ChatResponse? response = null)
    {
        var isSent = error is not AgentRequestRejectedException;
        try
        {
            if (response is not null)
            {
                call.Add(response);
            }

            // Not the caller's token: what a cancelled call has used is counted too.
            if (!isSent && call.Keys.CountsRequests)
            {
                await _limiter.CorrectAsync(call.Decision, call.Keys.Requests, 0, CancellationToken.None);
            }

            if (call.Keys.CountsTokens)
            {
                await _limiter.CorrectAsync(call.Decision, call.Keys.Tokens, isSent ? call.UsedTokens : 0, CancellationToken.None);
            }

            if (!isSent || call.Keys.CountsTokens)
            {
                _lines.GiveBack(call.Keys.Requests);
            }
        }
        catch (Exception exception)
        {
            // The answer is there. What was taken stays counted until it is forgotten, which is the safe side.
            _metrics.LimiterFailed();
            LogLimiterFailed(exception, call.Keys.Model);
        }
    }
}
