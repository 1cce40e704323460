using System.Net;
using Microsoft.AspNetCore.Http;

namespace AgentHosting.Testing.Internal;

/// <summary>Plays one plan on one HTTP exchange.</summary>
internal sealed partial class WireExchange(HttpContext context, WireRequest request, TurnPlan plan, TimeProvider clock)
{
    private static readonly ExchangeResult Completed = new(RequestOutcome.Completed, Error: null);
    private static readonly ExchangeResult Broken = new(RequestOutcome.Failed, Error: null);

    private readonly SseBody _events = new(context.Response);

    public async Task<ExchangeResult> PlayAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, value) in plan.Turn.Headers)
        {
            context.Response.Headers[name] = value;
        }

        await WaitAsync(plan.Turn.Delay, cancellationToken);
        if (TurnFailure.BeforeContent(plan.Turn, clock.GetUtcNow()) is { } failure)
        {
            return await FailAsync(failure, cancellationToken);
        }

        switch (plan.Break?.Fault)
        {
            case WireFault.ResetBeforeHeaders:
                return Reset();
            case WireFault.StallBeforeHeaders:
                return await StallAsync(cancellationToken);
            case WireFault.GarbageBody:
                return await SendGarbageAsync(cancellationToken);
            default:
                return request.IsStreaming ? await StreamAsync(cancellationToken) : await SendWholeAsync(cancellationToken);
        }
    }

    private async Task<ExchangeResult> FailAsync(Exception failure, CancellationToken cancellationToken)
    {
        if (failure is IOException or HttpRequestException { StatusCode: null, InnerException: IOException })
        {
            return Reset();
        }

        if (failure is ScriptedHttpException { Headers: { } headers })
        {
            foreach (var (name, value) in headers)
            {
                context.Response.Headers[name] = value;
            }
        }

        var status = (int)((failure as HttpRequestException)?.StatusCode ?? HttpStatusCode.InternalServerError);
        var code = plan.Turn.ErrorCode ?? (failure as ScriptedHttpException)?.ErrorCode;
        var error = new WireError(status, failure.Message, code, Type: plan.Turn.ErrorType);
        await WireResponse.SendErrorAsync(context, error, cancellationToken);
        return Broken;
    }

    private ExchangeResult Reset()
    {
        context.Abort();
        return Broken;
    }

    private static async Task<ExchangeResult> StallAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return Broken;
    }

    private Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return delay == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(delay, clock, cancellationToken);
    }
}
