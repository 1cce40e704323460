using System.Runtime.CompilerServices;
using AgentHosting.Alerts.Internal;
using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.Stages.Internal;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>Sets aside what a request may cost before it is sent, and charges what it has cost, once, however it ends.</summary>
internal sealed partial class TokenBudgetChatClient : StageChatClient
{
    private readonly TokenBudgetOptions _options;
    private readonly SpendLimit[] _limits;
    private readonly SpendAnomalyRule[] _anomalyRules;
    private readonly ISpendLedger _ledger;
    private readonly SpendAlertDispatcher _alerts;
    private readonly SpendAlertReceiver? _ownAlerts;
    private readonly ITokenCounter _counter;
    private readonly IModelCatalog? _catalog;
    private readonly CallerAccounts _accounts = new();
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly TokenBudgetMetrics _metrics;

    public TokenBudgetChatClient(
        IChatClient innerClient,
        TokenBudgetOptions options,
        ISpendLedger ledger,
        SpendAlertDispatcher alerts,
        ITokenCounter counter,
        TimeProvider timeProvider,
        ILogger logger,
        TokenBudgetMetrics metrics)
        : base(innerClient, PipelineStage.TokenBudget)
    {
        _options = options;
        _limits = TokenBudgetLimits.Of(options);
        _anomalyRules = TokenBudgetLimits.AnomalyRulesOf(options);
        _shared = Array.FindAll(_limits, static limit => limit.Scope is not (SpendScope.Call or SpendScope.Model));
        _ofRuns = Array.FindAll(_limits, static limit => limit.Scope == SpendScope.Run);
        _ledger = ledger;
        _alerts = alerts;
        _ownAlerts = options.OnAlert is { } callback ? alerts.CreateReceiver(new SpendAlertCallback(callback)) : null;
        _counter = counter;
        _catalog = InnerClient.GetService<IModelCatalog>();
        _timeProvider = timeProvider;
        _logger = logger;
        _metrics = metrics;
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = await ReserveAsync(list, options, cancellationToken);
        ChatResponse response;
        try
        {
            response = await InnerClient.GetResponseAsync(list, call.Options, cancellationToken);
            Meter(call, response);
        }
        catch (Exception exception)
        {
            await SettleAsync(call, Unfinished(call, Failed(call, exception, cancellationToken)));
            throw;
        }

        await SettleAsync(call, BackgroundAnswer.GoesOn(response)
            ? Unfinished(call, call.Interrupted(SpendOutcome.Completed, response.Usage))
            : call.Completed(response.Usage));
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = await ReserveAsync(list, options, cancellationToken);
        var renewedAt = _timeProvider.GetTimestamp();
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        // Until it is known better: a reader that goes away pays for what was produced.
        SpendSettlement? settlement = null;
        var isStopped = false;
        var goesOn = false;
        try
        {
            while (true)
            {
                try
                {
                    updates ??= InnerClient.GetStreamingResponseAsync(list, call.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    if (!await updates.MoveNextAsync())
                    {
                        settlement = goesOn ? Unfinished(call, call.Interrupted(SpendOutcome.Completed)) : call.Completed();
                        break;
                    }
                }
                catch (Exception exception)
                {
                    settlement = Unfinished(call, Failed(call, exception, cancellationToken));
                    throw;
                }

                goesOn = BackgroundAnswer.GoesOn(updates.Current);
                if (!call.Add(updates.Current))
                {
                    settlement = call.Interrupted(SpendOutcome.Stopped);
                    isStopped = true;
                    break;
                }

                if (_timeProvider.GetElapsedTime(renewedAt) > _options.HoldLease / 4)
                {
                    renewedAt = _timeProvider.GetTimestamp();
                    await RenewAsync(call);
                }

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
                await SettleAsync(call, settlement ?? Unfinished(call, call.Interrupted(SpendOutcome.Cancelled)));
            }
        }

        if (isStopped)
        {
            _metrics.Stopped(call.Model);
            LogStopped(call.Model, call.MeteredTokens, call.MaxOutputTokens);
            yield return Stop(call.Unreported(settlement!));
        }
    }

    // The usage is that of the whole answer where the provider reports it; a client that does not is metered by its text.
    private static void Meter(TokenBudgetCall call, ChatResponse response)
    {
        if (response.Usage?.OutputTokenCount is not >= 0)
        {
            foreach (var message in response.Messages)
            {
                call.Add(new ChatResponseUpdate(message.Role, message.Contents));
            }
        }
    }

    // Who adds up the usage of the stream gets what was charged.
    private static ChatResponseUpdate Stop(UsageDetails unreported) => new()
    {
        Role = ChatRole.Assistant,
        Contents = [new UsageContent(unreported)],
        FinishReason = ChatFinishReason.Length,
        AdditionalProperties = new AdditionalPropertiesDictionary { [TokenBudgetProperties.Stopped] = true },
    };
}
