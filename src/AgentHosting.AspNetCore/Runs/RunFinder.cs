using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Finds the run that a path names, if it is the caller's.</summary>
internal static class RunFinder
{
    public const string RouteValue = "task_id";

    /// <returns>The run, or <see langword="null"/> after an error was written. A run of somebody else is as unknown as one that never was.</returns>
    public static async ValueTask<AgentRun?> FindAsync(HttpContext context, AgentEndpointOptions options)
    {
        var caller = Caller.Of(context, options);
        if (caller.IsAuthenticated && caller.UserId is null)
        {
            await WriteNoUserIdAsync(context);
            return null;
        }

        var id = (string)context.Request.RouteValues[RouteValue]!;
        var run = await context.RequestServices.GetRequiredService<IAgentRunClient>().GetAsync(id, context.RequestAborted);
        if (run is not null && caller.Owns(run, context.Request.Query["user_id"]))
        {
            return run;
        }

        await WriteNotFoundAsync(context);
        return null;
    }

    public static Task WriteNotFoundAsync(HttpContext context) =>
        ProblemResponse.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such run. Ended runs are kept for a limited time.");

    public static Task WriteNoUserIdAsync(HttpContext context) =>
        ProblemResponse.WriteAsync(
            context, StatusCodes.Status403Forbidden, "The authenticated identity holds no user id. The host's UserIdClaimType option names the claim to use.");
}
