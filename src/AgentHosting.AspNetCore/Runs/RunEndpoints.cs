using AgentHosting.AspNetCore.Internal;
using AgentHosting.AspNetCore.Streaming;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Submits, reads and cancels runs.</summary>
internal sealed class RunEndpoints(AgentEndpointOptions options)
{
    public static void Map(IEndpointRouteBuilder group, AgentEndpointOptions options, EndpointExposure exposure)
    {
        var runs = new RunEndpoints(options);
        var streams = new RunStreamEndpoints(options);
        // Names must differ when an application maps the endpoints more than once.
        var suffix = options.Prefix == AgentEndpointDefaults.Prefix ? "" : options.Prefix.Replace('/', '_');

        group.MapPost("/run", EndpointHandler.Create(exposure, runs.SubmitAsync))
            .WithSignature(RunSignatures.Submit).WithName("RunAgent" + suffix).WithSummary("Submits a run")
            .WithDescription("Accepts a message for an agent. The run goes on in the background, whatever happens to the connection.")
            .WithResponse<RunAcceptedBody>(StatusCodes.Status202Accepted).WithProblems(400, 403, 409, 413, 415, 422, 429, 503);
        group.MapPost("/stream", EndpointHandler.Create(exposure, streams.SubmitAsync))
            .WithSignature(RunSignatures.Submit).WithName("StreamAgent" + suffix).WithSummary("Submits a run and streams its events")
            .WithDescription("Like run, answered with the event stream. A client that disconnects does not cancel the run; it resumes with events.")
            .WithResponse<string>(StatusCodes.Status200OK, SseWriter.ContentType).WithProblems(400, 403, 404, 409, 413, 415, 422, 429, 503);
        group.MapGet("/status/{task_id}", EndpointHandler.Create(exposure, runs.GetStatusAsync))
            .WithSignature(RunSignatures.Status).WithName("GetAgentRun" + suffix).WithSummary("Reads a run")
            .WithDescription("With wait the answer comes when the run has ended or waits for an answer, or the time is up.")
            .WithResponse<RunStatusBody>(StatusCodes.Status200OK).WithProblems(400, 403, 404, 503);
        group.MapGet("/events/{task_id}", EndpointHandler.Create(exposure, streams.WatchAsync))
            .WithSignature(RunSignatures.Watch).WithName("WatchAgentRun" + suffix).WithSummary("Streams the events of a run")
            .WithDescription("Server-sent events, numbered from 1. Resumes after Last-Event-ID or after; ends after the final event.")
            .WithResponse<string>(StatusCodes.Status200OK, SseWriter.ContentType).WithEmptyResponse(StatusCodes.Status204NoContent).WithProblems(400, 403, 404, 503);
        group.MapPost("/approvals/{task_id}", EndpointHandler.Create(exposure, new ApprovalEndpoint(options).AnswerAsync))
            .WithSignature(RunSignatures.Approve).WithName("ApproveAgentRun" + suffix).WithSummary("Answers a request for approval")
            .WithDescription("Says whether a tool call that the run waits for may be made. The first answer holds; the same again is accepted.")
            .WithResponse<RunAcceptedBody>(StatusCodes.Status202Accepted).WithProblems(400, 403, 404, 409, 413, 415, 503);
        group.MapPost("/events/{task_id}", EndpointHandler.Create(exposure, new RaiseEventEndpoint(options).RaiseAsync))
            .WithSignature(RunSignatures.Raise).WithName("RaiseAgentRunEvent" + suffix).WithSummary("Tells a run of an event")
            .WithDescription("Tells a run of an event that it waits for, or will. The same id counts once.")
            .WithResponse<RunAcceptedBody>(StatusCodes.Status202Accepted).WithProblems(400, 403, 404, 409, 413, 415, 503);
        group.MapPost("/cancel/{task_id}", EndpointHandler.Create(exposure, runs.CancelAsync))
            .WithSignature(RunSignatures.Read).WithName("CancelAgentRun" + suffix).WithSummary("Cancels a run")
            .WithResponse<RunAcceptedBody>(StatusCodes.Status202Accepted).WithProblems(403, 404, 409, 503);
        SessionEndpoints.Map(group, options, exposure, suffix);
    }

    private async Task SubmitAsync(HttpContext context)
    {
        if (await RunSubmitter.SubmitAsync(context, options) is not { } submission)
        {
            return;
        }

        context.Response.Headers.RetryAfter = "1";
        await WriteAcceptedAsync(context, submission.RunId, RunWords.Processing);
    }

    private async Task GetStatusAsync(HttpContext context)
    {
        var errors = new FieldErrors();
        var wait = RunWaiter.ReadWait(context.Request, errors);
        if (errors.Any)
        {
            await ProblemResponse.WriteInvalidAsync(context, errors.ToDictionary());
        }
        else if (await RunFinder.FindAsync(context, options) is { } run)
        {
            await JsonResponse.WriteAsync(context, StatusCodes.Status200OK, RunStatusBody.From(await RunWaiter.UntilSettledAsync(context, run, wait)), EndpointJsonContext.Wire.RunStatusBody);
        }
    }

    private async Task CancelAsync(HttpContext context)
    {
        if (await RunFinder.FindAsync(context, options) is not { } run)
        {
            return;
        }

        var client = context.RequestServices.GetRequiredService<IAgentRunClient>();
        switch (await client.CancelAsync(run.Id, context.RequestAborted))
        {
            case RunCancelOutcome.Cancelled:
                await WriteAcceptedAsync(context, run.Id, RunWords.Cancelled);
                break;
            case RunCancelOutcome.Requested:
                await WriteAcceptedAsync(context, run.Id, RunWords.Processing);
                break;
            case RunCancelOutcome.AlreadyTerminal:
                await ProblemResponse.WriteAsync(context, StatusCodes.Status409Conflict, $"Run '{run.Id}' has ended and cannot be cancelled.", run.Id);
                break;
            default:
                await RunFinder.WriteNotFoundAsync(context);
                break;
        }
    }

    private static Task WriteAcceptedAsync(HttpContext context, string runId, string status) =>
        JsonResponse.WriteAsync(
            context, StatusCodes.Status202Accepted, new RunAcceptedBody { TaskId = runId, Status = status }, EndpointJsonContext.Wire.RunAcceptedBody);
}
