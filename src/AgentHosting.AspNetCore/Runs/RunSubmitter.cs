using System.Globalization;
using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>What <c>run</c> and <c>stream</c> share: from the request to the accepted run.</summary>
internal static class RunSubmitter
{
    private const string IdempotencyKeyHeader = "Idempotency-Key";
    private const int MaxIdempotencyKeyLength = 200;

    /// <returns>The accepted run, with the headers that tell of it set, or <see langword="null"/> after an error was written.</returns>
    public static async ValueTask<AgentRunSubmission?> SubmitAsync(HttpContext context, AgentEndpointOptions options)
    {
        if (await RequestBodyReader.ReadJsonAsync(context, options.MaxRequestBodyBytes) is not { } bytes)
        {
            return null;
        }

        var errors = new FieldErrors();
        var key = ReadIdempotencyKey(context.Request, errors);
        if (RunRequestParser.Parse(bytes, options.MaxMessageLength, errors) is not { } body || errors.Any)
        {
            await ProblemResponse.WriteInvalidAsync(context, errors.ToDictionary());
            return null;
        }

        var caller = Caller.Of(context, options);
        if (!await IsAllowedAsync(context, caller, body.UserId))
        {
            return null;
        }

        var client = context.RequestServices.GetRequiredService<IAgentRunClient>();
        var submission = await client.SubmitAsync(ToRequest(body, caller.ToIdentity(body.UserId), key), context.RequestAborted);
        context.Response.Headers.Location = GetStatusPath(context.Request, submission.RunId);
        if (submission.Replayed)
        {
            context.Response.Headers["Idempotency-Replayed"] = "true";
        }

        return submission;
    }

    private static async ValueTask<bool> IsAllowedAsync(HttpContext context, Caller caller, string? requestedUserId)
    {
        if (!caller.IsAuthenticated)
        {
            return true;
        }

        if (caller.UserId is null)
        {
            await RunFinder.WriteNoUserIdAsync(context);
            return false;
        }

        if (requestedUserId is null || requestedUserId == caller.UserId)
        {
            return true;
        }

        await ProblemResponse.WriteAsync(context, StatusCodes.Status403Forbidden, "The user_id is not the caller's own. Leave it out: the run belongs to whoever is authenticated.");
        return false;
    }

    private static AgentRunRequest ToRequest(RunRequestBody body, AgentIdentity identity, string? idempotencyKey) => new()
    {
        Message = body.Message,
        Agent = body.Agent,
        Identity = identity,
        SessionId = body.SessionId,
        Priority = body.Priority,
        Delay = TimeSpan.FromSeconds(body.Delay),
        OnBusy = body.OnBusy switch
        {
            "reject" => SessionBusyPolicy.Reject,
            "interrupt" => SessionBusyPolicy.Interrupt,
            "rollback" => SessionBusyPolicy.Rollback,
            _ => SessionBusyPolicy.Enqueue,
        },
        Supersede = body.Supersede,
        Metadata = body.Metadata ?? [],
        IdempotencyKey = idempotencyKey,
    };

    private static string? ReadIdempotencyKey(HttpRequest request, FieldErrors errors)
    {
        var values = request.Headers[IdempotencyKeyHeader];
        if (values.Count == 0)
        {
            return null;
        }

        if (values.Count == 1 && values[0] is { Length: > 0 and <= MaxIdempotencyKeyLength } key && !key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return key;
        }

        errors.Add(IdempotencyKeyHeader, string.Create(CultureInfo.InvariantCulture, $"Send one value of 1 to {MaxIdempotencyKeyLength} visible ASCII characters."));
        return null;
    }

    /// <summary>The path of the request up to its last segment is right under any prefix, group and path base.</summary>
    private static string GetStatusPath(HttpRequest request, string runId)
    {
        var path = request.Path.Value!.TrimEnd('/');
        return request.PathBase.Add(new PathString($"{path[..path.LastIndexOf('/')]}/status/{runId}")).ToUriComponent();
    }
}
