using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>Plays a plan in process, in either shape.</summary>
internal static class TurnPlayer
{
    public static async Task<ChatResponse> PlayAsync(TurnPlan plan, TimeProvider clock, CancellationToken cancellationToken)
    {
        await OpenAsync(plan, clock, cancellationToken);
        var played = plan.Break?.AfterChunks ?? plan.Chunks.Count;
        for (var i = 1; i < played; i++)
        {
            await WaitAsync(plan.Turn.ChunkDelay, clock, cancellationToken);
        }

        if (plan.Break is { } planned)
        {
            await BreakAsync(planned, cancellationToken);
        }

        var message = new ChatMessage(ChatRole.Assistant, [.. Merge(plan)]) { MessageId = plan.ResponseId, CreatedAt = plan.CreatedAt };
        return new ChatResponse(message)
        {
            ResponseId = plan.ResponseId,
            ModelId = plan.ModelId,
            CreatedAt = plan.CreatedAt,
            FinishReason = plan.FinishReason,
            Usage = plan.Usage is null ? null : Copy(plan.Usage),
        };
    }

    public static async IAsyncEnumerable<TurnUpdate> StreamAsync(
        TurnPlan plan, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await OpenAsync(plan, clock, cancellationToken);
        if (plan.Break is { } early && !TurnBreak.IsMidStream(early.Fault))
        {
            await BreakAsync(early, cancellationToken);
        }

        var truncated = plan.Break?.Fault == WireFault.TruncatedStream;
        var chunks = truncated ? plan.Break!.AfterChunks : plan.Chunks.Count;
        var hasFinish = !truncated && plan.FinishReason is not null;
        var hasUsage = !truncated && plan.Usage is not null;
        yield return new TurnUpdate(Update(plan), IsLast: chunks == 0 && !hasFinish && !hasUsage && (truncated || plan.Break is null));
        for (var i = 0; i <= chunks; i++)
        {
            if (!truncated && plan.BreaksBefore(i))
            {
                await BreakAsync(plan.Break!, cancellationToken);
            }

            if (i < chunks)
            {
                await WaitAsync(i == 0 ? TimeSpan.Zero : plan.Turn.ChunkDelay, clock, cancellationToken);
                yield return new TurnUpdate(
                    Update(plan, plan.Chunks[i].ToContent()),
                    IsLast: i == chunks - 1 && !hasFinish && !hasUsage && (truncated || plan.Break is null));
            }
        }

        if (hasFinish)
        {
            var finish = Update(plan);
            finish.FinishReason = plan.FinishReason;
            yield return new TurnUpdate(finish, IsLast: !hasUsage);
        }

        if (hasUsage)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new TurnUpdate(Update(plan, new UsageContent(Copy(plan.Usage!))), IsLast: true);
        }
    }

    private static async Task OpenAsync(TurnPlan plan, TimeProvider clock, CancellationToken cancellationToken)
    {
        await WaitAsync(plan.Turn.Delay, clock, cancellationToken);
        if (TurnFailure.BeforeContent(plan.Turn, clock.GetUtcNow()) is { } failure)
        {
            throw failure;
        }
    }

    private static async Task BreakAsync(TurnBreak planned, CancellationToken cancellationToken)
    {
        if (planned.IsStall)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        throw TurnFailure.OfBreak(planned);
    }

    private static Task WaitAsync(TimeSpan delay, TimeProvider clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return delay == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(delay, clock, cancellationToken);
    }

    private static ChatResponseUpdate Update(TurnPlan plan, params AIContent[] contents) => new(ChatRole.Assistant, [.. contents])
    {
        ResponseId = plan.ResponseId,
        MessageId = plan.ResponseId,
        ModelId = plan.ModelId,
        CreatedAt = plan.CreatedAt,
    };

    /// <summary>One text content, as updates merge into when a stream is collected.</summary>
    private static IEnumerable<AIContent> Merge(TurnPlan plan)
    {
        if (plan.Turn.Reasoning is { } reasoning)
        {
            yield return new TextReasoningContent(reasoning);
        }

        var text = string.Concat(plan.Turn.TextChunks);
        if (text.Length > 0)
        {
            yield return new TextContent(text);
        }

        foreach (var call in plan.Chunks.Where(static chunk => chunk.Call is not null))
        {
            yield return call.ToContent();
        }
    }

    private static UsageDetails Copy(UsageDetails usage)
    {
        var copy = new UsageDetails();
        copy.Add(usage);
        return copy;
    }
}
