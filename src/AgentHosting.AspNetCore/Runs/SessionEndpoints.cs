using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Reads and erases conversations. A session of somebody else is as unknown as one that never was.</summary>
internal sealed class SessionEndpoints(AgentEndpointOptions options)
{
    public const string RouteValue = "session_id";
    private const string EscapedSlash = "%2F";

    public static void Map(IEndpointRouteBuilder group, AgentEndpointOptions options, EndpointExposure exposure, string suffix)
    {
        var sessions = new SessionEndpoints(options);
        group.MapGet("/sessions/{session_id}", EndpointHandler.Create(exposure, sessions.GetAsync))
            .WithSignature(RunSignatures.Session).WithName("GetAgentSession" + suffix).WithSummary("Reads a conversation")
            .WithDescription("The messages of all runs of the session that have ended.")
            .WithResponse<SessionBody>(StatusCodes.Status200OK).WithProblems(403, 404, 503);
        group.MapDelete("/sessions/{session_id}", EndpointHandler.Create(exposure, sessions.DeleteAsync))
            .WithSignature(RunSignatures.Session).WithName("DeleteAgentSession" + suffix).WithSummary("Erases a conversation")
            .WithDescription("Refused while a run of the session is not done.")
            .WithEmptyResponse(StatusCodes.Status204NoContent).WithProblems(403, 404, 409, 503);
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await FindOwnerAsync(context) is not { } owner)
        {
            return;
        }

        var sessions = context.RequestServices.GetRequiredService<IAgentSessionClient>();
        if (await sessions.GetAsync(owner, SessionId(context), context.RequestAborted) is { } conversation)
        {
            await JsonResponse.WriteAsync(context, StatusCodes.Status200OK, SessionBody.From(conversation), EndpointJsonContext.Wire.SessionBody);
            return;
        }

        await WriteNotFoundAsync(context);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (await FindOwnerAsync(context) is not { } owner)
        {
            return;
        }

        var sessions = context.RequestServices.GetRequiredService<IAgentSessionClient>();
        switch (await sessions.DeleteAsync(owner, SessionId(context), context.RequestAborted))
        {
            case SessionDeleteOutcome.Deleted:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case SessionDeleteOutcome.Busy:
                await ProblemResponse.WriteAsync(
                    context, StatusCodes.Status409Conflict, "The session has a run that is not done. Wait for it, or cancel it first.", code: SessionBusyCodes.Busy);
                break;
            default:
                await WriteNotFoundAsync(context);
                break;
        }
    }

    /// <returns>Who asks, or <see langword="null"/> after an error was written.</returns>
    private async ValueTask<AgentIdentity?> FindOwnerAsync(HttpContext context)
    {
        var caller = Caller.Of(context, options);
        if (caller.IsAuthenticated && caller.UserId is null)
        {
            await RunFinder.WriteNoUserIdAsync(context);
            return null;
        }

        return caller.ToIdentity(context.Request.Query["user_id"]);
    }

    /// <summary>The server leaves the escape of a slash as it is, since it would part the path. Whether that was one, or is part of the id, only the request's own words tell.</summary>
    private static string SessionId(HttpContext context)
    {
        var id = (string)context.Request.RouteValues[RouteValue]!;
        if (!id.Contains(EscapedSlash, StringComparison.OrdinalIgnoreCase))
        {
            return id;
        }

        var path = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0].TrimEnd('/') ?? "";
        var sent = Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
        // Where something on the way has rewritten the path, its last part is another.
        return Unescaped(sent) == Unescaped(id) ? sent : Unescaped(id);

        static string Unescaped(string id) => id.Replace(EscapedSlash, "/", StringComparison.OrdinalIgnoreCase);
    }

    private static Task WriteNotFoundAsync(HttpContext context) =>
        ProblemResponse.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such session. One begins with its first run and is kept for a limited time after its last.");
}
