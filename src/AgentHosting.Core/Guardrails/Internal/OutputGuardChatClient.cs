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

    public OutputGuardChatClient(IChatClient innerClient, OutputGuardOptions options, TokenVault vault, ILogger logger, OutputGuardMetrics metrics)
        : base(innerClient, PipelineStage.OutputGuard)
    {
        _policy = new GuardPolicy(options, vault);
        _filterReasoning = options.FilterReasoning;
        _logger = logger;
        _onFound = (kind, action) =>
        {
            metrics.Found(kind, action);
            LogFound(kind, OutputGuardMetrics.NameOf(action));
        };
        var below = innerClient.GetService<AnswerPolicy>();
        _answerPolicy = new AnswerPolicy(below is null ? _policy.Version : $"{_policy.Version}+{below.Version}", _policy.Tokens is not null || below?.IsOfSession == true);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(AnswerPolicy) ? _answerPolicy : base.GetService(serviceType, serviceKey);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        messages = Restored(messages, options);
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

            RestoreCalls(filtered.Messages, options);
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
        messages = Restored(messages, options);
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
                    yield return RestoreCalls(update, options);
                }
            }

            while (answer.Take() is { } update)
            {
                yield return RestoreCalls(update, options);
            }

            if (answer.IsBlocked)
            {
                LogBlocked(ModelOf(options), answer.BlockedKind);
                // What the provider bills comes with the end of its stream; nothing else of the rest goes out.
                try
                {
                    while (await updates.MoveNextAsync())
                    {
                        answer.AddAfterBlock(updates.Current);
                    }
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    // The answer has ended well for its reader: only its usage is not known.
                    LogRestFailed(ModelOf(options), exception);
                }

                if (answer.TakeUsage() is { } usage)
                {
                    yield return usage;
                }

                yield break;
            }

            failure?.Throw();
        }
        finally
        {
            Return(answer);
        }
    }

    private IEnumerable<ChatMessage> Restored(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        _policy.Tokens is { } tokens && TokenScope.Of(options.GetAgentContext()) is { IsKnown: true } scope ? tokens.Restore(messages, scope) : messages;

    // A model that saw a token may call a tool with it.
    private void RestoreCalls(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (_policy.Tokens is { } tokens && TokenScope.Of(options.GetAgentContext()) is { IsKnown: true } scope)
        {
            foreach (var message in messages)
            {
                message.Contents = tokens.RestoreCalls(message.Contents, scope);
            }
        }
    }

    private ChatResponseUpdate RestoreCalls(ChatResponseUpdate update, ChatOptions? options)
    {
        if (_policy.Tokens is { } tokens && TokenScope.Of(options.GetAgentContext()) is { IsKnown: true } scope)
        {
            update.Contents = tokens.RestoreCalls(update.Contents, scope);
        }

        return update;
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
        answer.Start(options?.ResponseFormat is ChatResponseFormatJson, TokenScope.Of(options.GetAgentContext()), _onFound);
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
