using System.Runtime.CompilerServices;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Budgets;

/// <summary>A provider that answers with a random number of tokens after a moment, and keeps its own account.</summary>
internal sealed class BillingChatClient(ModelPrice price, int seed) : IChatClient
{
    private const int InputTokens = 20;
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public decimal Billed { get; private set; }

    public long Calls { get; private set; }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        var usage = Bill(options!);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, "On its way.")) { FinishReason = ChatFinishReason.Stop, Usage = usage };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        var usage = Bill(options!);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "On its way.");
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]) { FinishReason = ChatFinishReason.Stop };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private UsageDetails Bill(ChatOptions options)
    {
        lock (_gate)
        {
            var usage = new UsageDetails { InputTokenCount = InputTokens, OutputTokenCount = _random.Next(options.MaxOutputTokens!.Value + 1) };
            Billed += UsageCost.Of(usage, price);
            Calls++;
            return usage;
        }
    }
}
