using System.Runtime.CompilerServices;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>A provider that bills what it does: nothing for an error answer, its input and what it said for anything else. Every character is a token.</summary>
internal sealed class BillingChatClient(Func<string, ModelPrice> priceOf) : IChatClient
{
    private readonly Lock _gate = new();

    public decimal Billed { get; private set; }

    public long Calls { get; private set; }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var plan = BillingPlan.Parse(messages.Single().Text);
        var input = messages.Single().Text.Length;
        await Task.Yield();
        switch (plan.Outcome)
        {
            case "error":
                Bill(options!, 0, 0);
                throw new ProviderException(503);
            case "lost":
                Bill(options!, input, 0);
                throw new HttpRequestException("reset");
            case "cancel":
                Bill(options!, input, 0);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                throw new InvalidOperationException("The caller cancels.");
            default:
                var output = Math.Min(plan.Length, options!.MaxOutputTokens!.Value);
                Bill(options, input, output);
                return new ChatResponse(new ChatMessage(ChatRole.Assistant, new string('x', output)))
                {
                    FinishReason = ChatFinishReason.Stop,
                    Usage = plan.Reports ? new UsageDetails { InputTokenCount = input, OutputTokenCount = output } : null,
                };
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var plan = BillingPlan.Parse(messages.Single().Text);
        var input = messages.Single().Text.Length;
        await Task.Yield();
        if (plan.Outcome == "error")
        {
            Bill(options!, 0, 0);
            throw new ProviderException(503);
        }

        // One that does not keep to the most tokens it may say is stopped.
        var length = plan.Outcome == "overrun" ? int.MaxValue : Math.Min(plan.Length, options!.MaxOutputTokens!.Value);
        var said = 0;
        try
        {
            while (said < length)
            {
                var piece = Math.Min(1, length - said);
                said += piece;
                yield return new ChatResponseUpdate(ChatRole.Assistant, new string('x', piece));
                if (plan.Outcome == "lost" && said >= length / 2)
                {
                    throw new HttpRequestException("reset");
                }

                cancellationToken.ThrowIfCancellationRequested();
            }

            yield return new ChatResponseUpdate(
                ChatRole.Assistant, plan.Reports ? [new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = said })] : [])
            {
                FinishReason = ChatFinishReason.Stop,
            };
        }
        finally
        {
            Bill(options!, input, said);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private void Bill(ChatOptions options, long input, long output)
    {
        lock (_gate)
        {
            Calls++;
            Billed += UsageCost.Of(new UsageDetails { InputTokenCount = input, OutputTokenCount = output }, priceOf(options.ModelId!));
        }
    }
}
