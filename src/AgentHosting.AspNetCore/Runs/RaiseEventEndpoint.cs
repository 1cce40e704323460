using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Tells runs of events from outside: from the run's owner, or from whoever satisfies the policy that the host names for it.</summary>
internal sealed class RaiseEventEndpoint(AgentEndpointOptions options)
{
    public async Task RaiseAsync(HttpContext context)
    {
        if (await RequestBodyReader.ReadJsonAsync(context, options.MaxRequestBodyBytes) is not { } bytes)
        {
            return;
        }

        var errors = new FieldErrors();
        if (RaisedEventBody.Parse(bytes, errors) is not { } body)
        {
            await ProblemResponse.WriteInvalidAsync(context, errors.ToDictionary());
            return;
        }

        var client = context.RequestServices.GetRequiredService<IAgentRunClient>();
        if (await FindAsync(context, client) is { } run)
        {
            await WriteAsync(context, run, body, await client.RaiseEventAsync(run.Id, body.Name, body.Payload, body.Id, context.RequestAborted));
        }
    }

    private async ValueTask<AgentRun?> FindAsync(HttpContext context, IAgentRunClient client)
    {
        if (options.EventPolicy is not { } policy)
        {
            return await RunFinder.FindAsync(context, options);
        }

        var caller = Caller.Of(context, options);
        var run = await client.GetAsync((string)context.Request.RouteValues[RunFinder.RouteValue]!, context.RequestAborted);
        if (run is not null && caller.MayActIn(run) && context.RequestServices.GetService<IAuthorizationService>() is { } authorization
            && (await authorization.AuthorizeAsync(context.User, run, policy)).Succeeded)
        {
            return run;
        }

        // Who may know of the run is told what is missing; for everybody else there is no such run.
        await (run is not null && caller.Owns(run, context.Request.Query["user_id"])
            ? ProblemResponse.WriteAsync(context, StatusCodes.Status403Forbidden, $"Who raises events must satisfy the authorization policy '{policy}'.", run.Id)
            : RunFinder.WriteNotFoundAsync(context));
        return null;
    }

    private static Task WriteAsync(HttpContext context, AgentRun run, RaisedEventBody body, RunAnswerOutcome outcome) => outcome switch
    {
        RunAnswerOutcome.Accepted or RunAnswerOutcome.Repeated => JsonResponse.WriteAsync(
            context,
            StatusCodes.Status202Accepted,
            new RunAcceptedBody { TaskId = run.Id, Status = run.Status.IsTerminal() ? RunWords.Of(run.Status) : RunWords.Processing },
            EndpointJsonContext.Wire.RunAcceptedBody),
        RunAnswerOutcome.Ended => ProblemResponse.WriteAsync(context, StatusCodes.Status409Conflict, $"Run '{run.Id}' has ended and takes no events.", run.Id),
        RunAnswerOutcome.Full => ProblemResponse.WriteAsync(
            context, StatusCodes.Status409Conflict, $"The run keeps as many events as it may that it has not asked for. It does not wait for '{JsonFieldReader.Shorten(body.Name)}' now.", run.Id),
        _ => RunFinder.WriteNotFoundAsync(context),
    };
}
