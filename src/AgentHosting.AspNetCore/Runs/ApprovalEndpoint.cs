using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Takes the answers of people to the question whether a tool call may be made: of the run's owner, or of whoever satisfies the policy that the tool names.</summary>
internal sealed class ApprovalEndpoint(AgentEndpointOptions options)
{
    public async Task AnswerAsync(HttpContext context)
    {
        if (await RequestBodyReader.ReadJsonAsync(context, options.MaxRequestBodyBytes) is not { } bytes)
        {
            return;
        }

        var errors = new FieldErrors();
        if (ApprovalBody.Parse(bytes, errors) is not { } body)
        {
            await ProblemResponse.WriteInvalidAsync(context, errors.ToDictionary());
            return;
        }

        var caller = Caller.Of(context, options);
        if (caller.IsAuthenticated && caller.UserId is null)
        {
            await RunFinder.WriteNoUserIdAsync(context);
            return;
        }

        var client = context.RequestServices.GetRequiredService<IAgentRunClient>();
        var run = await client.GetAsync((string)context.Request.RouteValues[RunFinder.RouteValue]!, context.RequestAborted);
        var wait = run?.Waits.Concat(run.ClosedApprovals).FirstOrDefault(wait => wait.RequestId == body.RequestId);
        var isOwner = run is not null && caller.Owns(run, context.Request.Query["user_id"]);
        if (wait?.Approver is { } policy ? !caller.MayActIn(run!) || !await SatisfiesAsync(context, run!, policy) : !isOwner)
        {
            // Who may know of the run is told what is missing; for everybody else there is no such run.
            await (isOwner
                ? ProblemResponse.WriteAsync(context, StatusCodes.Status403Forbidden, $"Who answers this request must satisfy the authorization policy '{wait!.Approver}'.", run!.Id)
                : RunFinder.WriteNotFoundAsync(context));
            return;
        }

        var approval = new AgentRunApproval { Approved = body.Approved, Reason = body.Reason, Approver = caller.UserId ?? run!.Identity.UserId };
        await WriteAsync(context, run!, await client.AnswerApprovalAsync(run!.Id, body.RequestId, approval, context.RequestAborted));
    }

    private static Task WriteAsync(HttpContext context, AgentRun run, RunAnswerOutcome outcome) => outcome switch
    {
        RunAnswerOutcome.Accepted or RunAnswerOutcome.Repeated => JsonResponse.WriteAsync(
            context,
            StatusCodes.Status202Accepted,
            new RunAcceptedBody { TaskId = run.Id, Status = run.Status.IsTerminal() ? RunWords.Of(run.Status) : RunWords.Processing },
            EndpointJsonContext.Wire.RunAcceptedBody),
        RunAnswerOutcome.Conflict => ProblemResponse.WriteAsync(context, StatusCodes.Status409Conflict, "The request was answered otherwise before, or its time was up. That answer holds.", run.Id),
        RunAnswerOutcome.Ended => ProblemResponse.WriteAsync(context, StatusCodes.Status409Conflict, "The run has ended, and the call was not made.", run.Id),
        _ => ProblemResponse.WriteAsync(context, StatusCodes.Status404NotFound, "The run has no such request. waiting_for in its status names the open ones.", run.Id),
    };

    private static async Task<bool> SatisfiesAsync(HttpContext context, AgentRun run, string policy) =>
        context.RequestServices.GetService<IAuthorizationService>() is { } authorization
        && (await authorization.AuthorizeAsync(context.User, run, policy)).Succeeded;
}
