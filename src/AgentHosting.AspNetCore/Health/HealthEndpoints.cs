using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentHosting.AspNetCore.Health;

/// <summary>Answers probes, without authentication and without details that would help a stranger.</summary>
internal sealed partial class HealthEndpoints(AgentEndpointOptions options)
{
    public static void Map(RouteGroupBuilder group, AgentEndpointOptions options)
    {
        var health = new HealthEndpoints(options);
        var suffix = options.HealthPath == AgentEndpointDefaults.HealthPath ? "" : options.HealthPath!.Replace('/', '_');
        group.AllowAnonymous().WithTags("Health");
        group.MapGet("", health.GetAsync).WithSignature(NoParameters).WithName("Health" + suffix).WithSummary("Whether the host is healthy")
            .WithResponse<HealthBody>(StatusCodes.Status200OK).WithResponse<HealthBody>(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/live", GetLiveAsync).WithSignature(NoParameters).WithName("HealthLive" + suffix).WithSummary("Whether the process answers")
            .WithResponse<HealthBody>(StatusCodes.Status200OK);
        group.MapGet("/ready", health.GetReadyAsync).WithSignature(NoParameters).WithName("HealthReady" + suffix).WithSummary("Whether the host can take requests, with reasons")
            .WithResponse<ReadinessBody>(StatusCodes.Status200OK).WithResponse<ReadinessBody>(StatusCodes.Status503ServiceUnavailable);

        // Some load balancers and monitors ask for no more than the status.
        foreach (var (path, answer) in new (string, RequestDelegate)[] { ("", health.GetAsync), ("/live", GetLiveAsync), ("/ready", health.GetReadyAsync) })
        {
            group.MapMethods(path, [HttpMethods.Head], answer).ExcludeFromDescription();
        }
    }

    private static void NoParameters()
    {
    }

    private static Task GetLiveAsync(HttpContext context) =>
        JsonResponse.WriteAsync(context, StatusCodes.Status200OK, new HealthBody { Status = HealthBody.Healthy }, EndpointJsonContext.Wire.HealthBody);

    private async Task GetAsync(HttpContext context)
    {
        var readiness = await CheckAsync(context);
        await JsonResponse.WriteAsync(context, GetStatusCode(readiness), new HealthBody { Status = readiness.Status }, EndpointJsonContext.Wire.HealthBody);
    }

    private async Task GetReadyAsync(HttpContext context)
    {
        var readiness = await CheckAsync(context);
        await JsonResponse.WriteAsync(context, GetStatusCode(readiness), readiness, EndpointJsonContext.Wire.ReadinessBody);
    }

    private static int GetStatusCode(ReadinessBody readiness) => readiness.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    private async ValueTask<ReadinessBody> CheckAsync(HttpContext context)
    {
        var isStopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;
        HealthCheckBody[] checks =
        [
            HealthCheckBody.Of("store", await CheckStoreAsync(context)),
            HealthCheckBody.Of("host", isStopping ? "draining" : null),
        ];
        var isHealthy = checks.All(check => check.Status == HealthBody.Healthy);
        return new ReadinessBody { Status = isHealthy ? HealthBody.Healthy : HealthBody.Unhealthy, Checks = checks };
    }

    /// <returns>Why the store is not healthy.</returns>
    private async ValueTask<string?> CheckStoreAsync(HttpContext context)
    {
        var timeProvider = context.RequestServices.GetRequiredService<TimeProvider>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        try
        {
            var store = context.RequestServices.GetRequiredService<IRunStore>();
            await store.GetStatisticsAsync(stop.Token).AsTask().WaitAsync(options.HealthTimeout, timeProvider, context.RequestAborted);
            return null;
        }
        catch (TimeoutException exception)
        {
            LogUnhealthy(GetLogger(context), exception);
            return "The run store does not answer in time.";
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The log has the reason; a probe is open to everybody, and messages of a client library may name hosts and users.
            LogUnhealthy(GetLogger(context), exception);
            return "The run store cannot be reached.";
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static ILogger GetLogger(HttpContext context) => context.RequestServices.GetRequiredService<ILogger<HealthEndpoints>>();

    [LoggerMessage(EventIds.StoreUnhealthy, LogLevel.Warning, "The health check found the run store unhealthy.", EventName = "StoreUnhealthy")]
    private static partial void LogUnhealthy(ILogger logger, Exception exception);
}
