using System.Globalization;
using AgentHosting.Testing.Internal;
using Microsoft.AspNetCore.Http;

namespace AgentHosting.Testing;

public sealed partial class LocalModelServer
{
    private async Task HandleAsync(HttpContext context, CancellationToken stopping)
    {
        var path = context.Request.Path.Value ?? "/";
        var method = context.Request.Method;
        switch (path)
        {
            case "/v1/chat/completions" when HttpMethods.IsPost(method):
                await HandleCompletionAsync(context, stopping);
                break;
            case "/v1/models" when HttpMethods.IsGet(method):
                await WireResponse.SendJsonAsync(context, StatusCodes.Status200OK, WireJson.Models(Models, TimeProvider.GetUtcNow()), stopping);
                break;
            case "/v1/chat/completions" or "/v1/models":
                var notAllowed = new WireError(StatusCodes.Status405MethodNotAllowed, $"Not allowed to {method} on {path}.");
                await WireResponse.SendErrorAsync(context, notAllowed, stopping);
                break;
            default:
                await WireResponse.SendErrorAsync(context, new WireError(StatusCodes.Status404NotFound, $"Invalid URL ({method} {path})"), stopping);
                break;
        }
    }

    private async Task HandleCompletionAsync(HttpContext context, CancellationToken stopping)
    {
        var record = _log.Begin(index => new RecordedHttpRequest(index, WireResponse.HeadersOf(context.Request), TimeProvider.GetUtcNow()));
        context.Response.Headers["x-request-id"] = string.Create(CultureInfo.InvariantCulture, $"req_{record.Index + 1}");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var result = new ExchangeResult(RequestOutcome.Failed, Error: null);
        try
        {
            result = await AnswerAsync(context, record, ended.Token);
        }
        catch (OperationCanceledException exception) when (stopping.IsCancellationRequested)
        {
            result = new ExchangeResult(RequestOutcome.Failed, exception);
            context.Abort();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: nobody is left to answer, and the record says so.
            result = new ExchangeResult(RequestOutcome.Cancelled, Error: null);
        }
        catch (Exception exception)
        {
            result = new ExchangeResult(RequestOutcome.Failed, exception);
            throw;
        }
        finally
        {
            int? status = context.Response.HasStarted ? context.Response.StatusCode : null;
            _log.End(() => record.Settle(result.Outcome, status, result.Error, TimeProvider.GetUtcNow()));
        }
    }

    private async Task<ExchangeResult> AnswerAsync(HttpContext context, RecordedHttpRequest record, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken);
        record.Body = body.ToArray();
        var (request, error) = WireRequestReader.Read(record.Body, ValidateToolMessages);
        if (request is null)
        {
            await WireResponse.SendErrorAsync(context, error!, cancellationToken);
            return new ExchangeResult(RequestOutcome.Failed, Error: null);
        }

        var scripted = request.ToScripted(Interlocked.Increment(ref _turnCount) - 1);
        record.Request = scripted;
        TurnPlan plan;
        try
        {
            plan = TurnPlan.Create(_script.Next(scripted, Repeat), scripted, Models.FirstOrDefault("scripted-model"), TimeProvider.GetUtcNow());
        }
        catch (Exception exception)
        {
            // The fault is in the test, not in what it tests: a status that the OpenAI SDK does not retry, and the reason in the body and in the record.
            var code = exception is ScriptExhaustedException ? "script_exhausted" : "script_failed";
            await WireResponse.SendErrorAsync(context, new WireError(StatusCodes.Status501NotImplemented, exception.Message, code), cancellationToken);
            return new ExchangeResult(RequestOutcome.Failed, exception);
        }

        return await new WireExchange(context, request, plan, TimeProvider).PlayAsync(cancellationToken);
    }
}
