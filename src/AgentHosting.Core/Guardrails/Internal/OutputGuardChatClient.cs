using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using AgentHosting.Failures;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Keeps sensitive data in answers from whoever reads, stores or caches them.</summary>
internal sealed partial class OutputGuardChatClient : StageChatClient
{
    private const int MaxPooled = 64;
    private readonly ConcurrentBag<GuardedAnswer> _pool = [];
    private readonly GuardPolicy _policy;
    private readonly bool _filterReasoning;
    private readonly ILogger _logger;
    private readonly Action<string, SensitiveDataAction> _onFound;
    private readonly AnswerPolicy _answerPolicy;

    public OutputGuardChatClient(IChatClient innerClient, OutputGuardOptions options, ILogger logger, OutputGuardMetrics metrics)
        : base(innerClient, PipelineStage.OutputGuard)
    {
        _policy = new GuardPolicy(options);
        _filterReasoning = options.FilterReasoning;
        _logger = logger;
        _onFound = (kind, action) =>
        {
            metrics.Found(kind, action);
            LogFound(kind, OutputGuardMetrics.NameOf(action));
        };
        _answerPolicy = new AnswerPolicy(innerClient.GetService<AnswerPolicy>() is { } below ? $"{_policy.Version}+{below.Version}" : _policy.Version);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(AnswerPolicy) ? _answerPolicy : base.GetService(serviceType, serviceKey);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatResponse response;
        try
        {
            response = await InnerClient.GetResponseAsync(messages, options, cancellationToken);
        }
        catch (StreamInterruptedException exception) when (exception.PartialText.Length > 0)
        {
            throw Filtered(exception, options);
        }

        var answer = Rent(options);
        try
        {
            var filtered = answer.Filter(response);
            if (answer.IsBlocked)
            {
                LogBlocked(ModelOf(options), answer.BlockedKind);
            }

            return filtered;
        }
        finally
        {
            Return(answer);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var answer = Rent(options);
        ExceptionDispatchInfo? failure = null;
        try
        {
            await using var updates = InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (!answer.IsBlocked)
            {
                try
                {
                    if (!await updates.MoveNextAsync())
                    {
                        answer.EndText();
                        break;
                    }
                }
                catch (Exception exception)
                {
                    // What was held is the caller's all the same: it came before the failure.
                    answer.EndText();
                    failure = ExceptionDispatchInfo.Capture(
                        exception is StreamInterruptedException { PartialText.Length: > 0 } interrupted ? Filtered(interrupted, options) : exception);
                    break;
                }

                answer.Add(updates.Current);
                while (answer.Take() is { } update)
                {
                    yield return update;
                }
            }

            while (answer.Take() is { } update)
            {
                yield return update;
            }

            if (answer.IsBlocked)
            {
                LogBlocked(ModelOf(options), answer.BlockedKind);
                yield break;
            }

            failure?.Throw();
        }
        finally
        {
            Return(answer);
        }
    }

    private StreamInterruptedException Filtered(StreamInterruptedException exception, ChatOptions? options)
    {
        var answer = Rent(options);
        var response = answer.Filter(new ChatResponse(new ChatMessage(ChatRole.Assistant, exception.PartialText)));
        Return(answer);
        return new StreamInterruptedException(exception.Message, exception.InnerException) { PartialText = response.Text, PartialUsage = exception.PartialUsage };
    }

    private GuardedAnswer Rent(ChatOptions? options)
    {
        var answer = _pool.TryTake(out var pooled) ? pooled : new GuardedAnswer(_policy, _filterReasoning);
        answer.Start(options?.ResponseFormat is ChatResponseFormatJson, options.GetAgentContext()?.TenantId, _onFound);
        return answer;
    }

    private void Return(GuardedAnswer answer)
    {
        answer.Reset();
        if (_pool.Count < MaxPooled)
        {
            _pool.Add(answer);
        }
    }
}
